# The words of pages and refusals. fr/api.ftl has the same messages.

## Every page

skip = Skip to content
language-fr = Français
language-en = English
language-choice = Language
to-season = Season
to-calendar = Calendar
to-link = Send me my links
to-api = API
footer = Links at the foot of the page
demo = Demonstration: everything is made up, no mail leaves.
demo-mailbox = Read the mails
written-by = Served by Mensuel

## An evening, everywhere

places-full = full: waitlist
credit-moderator = moderated by
credit-panellist = on the panel
credit-facilitator = led by
credit-speaker = with
credit-scribe = notes by
to-announce = to be announced
former-member = a former member
members-only = members only
place-none = place to be announced
place-online = online
address-later = The address is given to those who have a seat.
online-later = The link to follow online is given to those who have a seat.
online-join = Join online
access = Access
context = Context
prerequisites = Prerequisites
bring = To bring
case = The case
subjects = Subjects
time-box = { $duration } for each subject
questions = Questions
tables = Tables
tables-of = { $tables ->
    [one] one table of { $seats }
   *[other] { $tables } tables of { $seats }
}
confidentiality = Confidentiality
cancelled-word = cancelled
cancelled = This evening will not take place.
cancelled-reason = Reason: { $reason }
ended = This evening has taken place.

## The season

season = Season { $years }
season-break = no evening
season-held = date held
season-past = { $n ->
    [one] One evening already past
   *[other] { $n } evenings already past
}
season-unknown = What comes after is not settled yet.
season-empty = No date is held for this season yet.
season-empty-next = Subscribe to the calendar: the dates will appear there by themselves.
season-previous = Season { $years }
season-next = Season { $years }
season-others = Other seasons
follow = Follow the season
follow-lead = A calendar that keeps itself up to date: new evenings, moved dates, cancellations.
follow-webcal = Apple, Thunderbird
follow-google = Google Calendar
follow-https = Address to copy
follow-atom = Announcements (Atom)
follow-formats = One format only
member = Are you a member?
member-lead = Your personal calendar and your answer links are in our mails.
missing = Still to do
missing-lead = The service runs. It still needs:
missing-organizer = a first organizer, added with
missing-name = the name of the community, by which its mails are known; start again with
missing-relay = a mail relay (until then each mail is a file in the data directory); start again with
missing-base = the public address that links in mails begin with; start again with

## The page of an evening

evening-answer = Answer
evening-add = Add to calendar
add-file = File (.ics)
evening-opens = Answers open on { $when }.
evening-late = The deadline has passed; a no or a maybe still counts.
evening-full = Full: a yes joins the waitlist.
evening-waiting = { $n ->
    [0] nobody waiting
    [one] one answer waiting
   *[other] { $n } answers waiting
}
evening-season = The whole season

## Answering

rsvp-title = Answer: { $title }
rsvp-for = Answer for { $name }
rsvp-not-you = Not you?
rsvp-not-you-next = This link answers for { $name }: close this page and ask for yours.
rsvp-not-you-link = Send me my own links
rsvp-noted = Noted.
rsvp-refused = Your answer was not recorded.
rsvp-recorded = Recorded answer: { $answer }.
rsvp-recorded-none = No answer is recorded yet.
answer-yes = yes
answer-yes-guests = yes, { $guests }
answer-maybe = maybe
answer-no = no
rsvp-coming = You are coming.
rsvp-coming-guests = You are coming, { $guests }.
rsvp-seat = Your seat is kept. If you can no longer come, say so here: it will go to somebody else.
rsvp-programme = We are counting on you.
rsvp-waiting = You are { $place }.
rsvp-waiting-next = As soon as a seat is yours, we write to you.
rsvp-first-come = A seat that is freed now goes to whoever says yes here first.
rsvp-free-now = A seat is free: say yes to take it at once.
rsvp-line-closed = Seats that are freed are no longer given for this evening.
rsvp-offered = A seat is free for you: say yes until { $until }.
rsvp-offered-next = This offer holds until then. A no passes it on to the next person at once; without an answer you go to the end of the list.
rsvp-offered-moved = The evening has a new date or place since your answer.
rsvp-pending = Your yes awaits the organizers' approval.
rsvp-maybe = You may be coming.
rsvp-maybe-next = This answer holds no seat. Say yes as soon as you know.
rsvp-no = You are not coming.
rsvp-no-next = If that changes, this same link still works.
rsvp-moved-seat = The evening has a new date or place: your seat is kept.
rsvp-moved-line = The evening has a new date or place: your place on the waitlist is kept.
rsvp-moved = The evening has a new date or place: your answer is kept.
rsvp-moved-ask = Please say whether it still holds.
rsvp-full = The evening is full: a yes joins the waitlist.
rsvp-late = The deadline has passed.
rsvp-late-next = A no, a maybe or fewer guests still count; a new yes does not.
rsvp-opens = Answers open on { $when }.
rsvp-opens-next = Come back then with this same link.
rsvp-ended-answer = Your answer was: { $answer }.
rsvp-ended-none = You had not answered.
rsvp-cancelled-next = There is nothing to do.
rsvp-ask = Your answer
rsvp-yes = Yes, I am coming
rsvp-yes-still = Yes, I am still coming
rsvp-yes-wait = Yes, put me on the waitlist
rsvp-yes-waiting = Yes, I am waiting for a seat
rsvp-yes-take = Yes, I take the seat
rsvp-yes-fewer = I am coming, with fewer guests
rsvp-maybe-button = Maybe
rsvp-no-button = No
rsvp-no-leave = No, I leave it
rsvp-no-more = I am no longer coming
rsvp-current = (your current answer)
rsvp-guests = Guests you bring
rsvp-guests-hint = { $max ->
    [one] One at most. Fill it in before pressing yes.
   *[other] { $max } at most. Fill it in before pressing yes.
}
rsvp-guest-names = Their names, for the reception (optional)
rsvp-guest-names-hint = One name on each line.
rsvp-deadline = Until { $when }.
rsvp-evening = The evening
rsvp-links = Your links
rsvp-add = This evening in your calendar
rsvp-own = Your personal calendar and your preferences are behind the link “Choose which mails you get” of your mails.
rsvp-own-link = Mail me my links
rsvp-season = The whole season
rsvp-page = The page of the evening

## Preferences

preferences = Your mails and reminders
preferences-for = Preferences of { $name }
preferences-on = You receive invitations, nudges and news.
preferences-some = You receive the mails ticked below.
preferences-off = You no longer receive invitations, nudges or news.
preferences-still = In any case, when you said yes or maybe, or wait for a seat, we write to you if the evening changes or is called off.
preferences-stopped = No mail goes to your address any more.
preferences-stopped-why = The reason: { $why }
preferences-stopped-next = When the address works again, tell an organizer: they can let mail go there again.
preferences-paused = You are taking a break.
preferences-paused-until = You are taking a break until { $day }.
preferences-paused-next = Your seats are kept; no invitation goes out.
preferences-kinds = The mails you receive
preferences-invitations = Invitations
preferences-nudges = One nudge for each evening, until you say yes or no
preferences-news = News of the community
preferences-follows = The evenings you follow
preferences-all = The whole season
preferences-formats = These formats only:
preferences-reminders = Your reminders
preferences-reminders-hint = For the evenings you come to, at the hour at which they begin. Nothing ticked: no reminder.
preferences-days = { $n ->
    [one] the day before
    [7] a week before
    [14] two weeks before
   *[other] { $n } days before
}
preferences-morning = the same morning
preferences-language = Your language
preferences-save = Save
preferences-pause = Take a break
preferences-pause-lead = During a break your seats are kept and no invitation goes out.
preferences-until = Come back on (optional)
preferences-pause-button = Take a break
preferences-resume = Come back now
preferences-wrong-day = This date was not taken
preferences-wrong-day-next = Choose a day that is still to come, or leave it empty.
preferences-nothing = Receive nothing any more
preferences-again = Receive mail again
preferences-stop = Stop sending me invitations, nudges and news
preferences-start = Send me invitations, nudges and news again
preferences-feed = Your personal calendar
preferences-feed-lead = Your evenings and your answers, always up to date. This address is yours: do not share it.
preferences-feed-https = Address to copy
preferences-feed-new = Here is your new address. The old one no longer works: subscribe your calendars again.
preferences-feed-lost = Do others know this address?
preferences-feed-lost-next = Make a new one: the old one stops working at once, and your calendars will have to be subscribed again. Your other links stay as they are.
preferences-feed-renew = Make a new address
preferences-not-you-next = These preferences belong to { $name }: close this page and ask for yours.

## Announcements (Atom)

atom-subtitle = Evenings announced, moved or called off: { $community }
atom-evening = { $day }: { $title }
atom-moved = New date or place, { $day }: { $title }

## Send me my links

link = Send me my links
link-lead = Give the address that we write to. Your answer links, your calendar and your preferences will be sent there.
link-event = To answer, give the address that we write to. The link for this evening will be sent there.
link-email = Email address
link-send = Send
link-wrong = This address could not be read
link-asked = Look at your mail
link-asked-lead = If this address is a member's, a mail has just left.
link-asked-next = Nothing after five minutes? Look into your spam folder, try another of your addresses, or ask an organizer.
link-again = Try another address

## Messages

message-season = See the season
message-link = Send me my links
message-again = Try again
message-page = This page does not exist
message-page-what = The address may be incomplete, or the evening can be seen by members only.
message-page-next = Start from the season, or from the link in your mail.
message-link-unknown = This link is not known
message-link-unknown-what = A mail program may have cut it in two.
message-link-unknown-next = Copy the whole link from the mail, or ask for a new one.
message-link-revoked = This link no longer works
message-link-revoked-what = It was replaced or withdrawn.
message-link-revoked-next = Ask for a new one.
message-conflict = Your request was not recorded
message-conflict-next = Nothing has changed. Open the page again and try once more.
message-bad = The request could not be read
message-bad-what = Something is missing, or a field does not have the expected form.
message-bad-next = Nothing has changed. Go back to the page before and try again.
message-large = The request is too large
message-large-what = It is more than this page takes.
message-large-next = Nothing has changed. Shorten the text and try again.
message-method = This address is not used that way
message-method-what = The page exists, but does not take this kind of request.
message-method-next = Open it from the season or from your mail.
message-sign-in = Please sign in
message-sign-in-what = This page is for organizers.
message-sign-in-next = Come back with your organizer's link.
message-forbidden = This page is not open to you
message-forbidden-what = Your rights are not enough for this request.
message-forbidden-next = Ask an organizer.
message-often = Too many requests at once
message-often-what = To protect people's mailboxes, these requests are limited.
message-often-next = { $wait } and try again.
message-wait-seconds = { $n ->
    [one] Wait one second
   *[other] Wait { $n } seconds
}
message-wait-minutes = { $n ->
    [one] Wait one minute
   *[other] Wait { $n } minutes
}
message-wait-hours = { $n ->
    [one] Wait one hour
   *[other] Wait { $n } hours
}
message-broken = Something did not work on our side
message-broken-what = The error is noted. Your request may not have been recorded.
message-broken-next = Open the page again to see what is recorded, then try once more.
message-away = The service is away for a moment
message-away-what = Nothing was lost; this request was not recorded.
message-away-next = Try again in a minute.

## The mailbox of the demo

mailbox = Mails of the demonstration
mailbox-lead = All mails that the service would have sent, the latest first.
mailbox-empty = No mail yet.
mailbox-empty-next = Publish an evening or answer an invitation: the mail will appear here.
mailbox-to = to
mailbox-from = from
mailbox-subject = subject
mailbox-when = on
mailbox-html = Formatted version
mailbox-text = Text version
mailbox-calendar = Calendar part
mailbox-headers = Headers
mailbox-alone = Open it alone
mailbox-all = All mails

## Refusals: what happened, and what to do

refused-not-open = Answers open on { $when }. Come back then with the same link.
refused-late = The deadline has passed. A no, a maybe or fewer guests still count; to come all the same, write to the organizers.
refused-ended = This evening has taken place: answers no longer change.
refused-cancelled = This evening will not take place: there is nothing left to answer.
refused-not-published = This evening is not published yet: wait for the invitation.
refused-guests = { $max ->
    [0] This evening is without guests. Answer for yourself only.
    [one] One guest at most for this evening. Give one, or come alone.
   *[other] { $max } guests at most for this evening. Give a smaller number.
}
refused-room = { $capacity ->
    [one] The room has one seat only. Come without guests.
   *[other] The room has { $capacity } seats only, yours included. Give fewer guests.
}
refused-guests-left = { $left ->
    [0] No seat is left for guests. Answer without guests.
    [one] A seat is left for one guest only. Give one, or come alone.
   *[other] Seats are left for { $left } guests only. Give a smaller number.
}
refused-names = There are more names than guests. Correct the number, or take names out.

edit-cancelled = This evening is cancelled and no longer changes. Make a new one.
edit-past = The new date is past. Choose one that is still to come.
edit-over = This evening has taken place: its date, place and seats no longer change.
edit-stage = A published or cancelled evening does not go back. Cancel it, or make a new one.
edit-deadline = The deadline is after the end of the evening. Make it earlier.
edit-opens = Answers would open after the deadline. Open them earlier, or make the deadline later.

stage-past = This evening is past. Give it a date that is still to come.
stage-cancelled = This evening is cancelled for good. Make a new one.
stage-closed = It is too late to say yes to this evening, so nobody is invited any more. Set a later deadline first.
stage-not-published = This evening is not published yet, so there is nobody to invite or to tell. Publish it first, or delete it.

flaw-missing = { $field }: to be filled in before publication.
flaw-not-of-format = { $field }: the format “{ $format }” does not have this field. Clear it, or choose another format.
flaw-no-format = { $field }: choose a format first.
flaw-twice = { $field }: the same person is on the programme twice. Take them out once.
flaw-own-panel = { $field }: the moderator is also on the panel. Choose somebody else.
flaw-nobody = { $field }: give a member, or a person by name.
flaw-seats = { $field }: { $seats } at most, the number of chairs at the tables. Lower it, or add tables.
flaw-zero = { $field }: at least one.
flaw-past = { $field }: is past already. Set it later, or clear it.

series-until = The series ends before it begins. Choose a later end.
series-duration = An evening lasts between a minute and a day. Correct the duration.
series-far-move = The date placed by hand for { $month } is more than a month away from it. Choose a nearer one.
plan-published = The evening of { $date } is published, and this change would remove it. Cancel it first, or leave its month in the series.
plan-published-titled = The evening of { $date } (“{ $title }”) is published, and this change would remove it. Cancel it first, or leave its month in the series.
kept-by-hand = kept: its date was placed by hand
kept-published = kept: it is published; to change it too, ask for it (include_published)
kept-past = kept: the new date would be past
warning-holiday = public holiday: { $name }
warning-gap = this hour does not exist that day (the clocks go forward): no date is held
warning-default = { $field }: the value of the series does not fit the format and is not taken

text-empty = This field is empty. Fill it in.
text-long = This text is longer than { $max } characters. Shorten it.
text-control = This text holds an invisible character that is not accepted. Type it again.
text-email = This is not an email address. One looks like zoe@example.org.
text-web = This is not a web address. One begins with https:// or http://.
span-gap = { $date } at { $hour } does not exist in this time zone: the clocks go forward then. Choose another hour.
span-ends = The end must come after the start. Correct one of them.
span-long = An evening lasts a day at most. Correct the end.
month-wrong = This is not a month. One is written like 2027-05.

field-stage = Stage
field-format = Format
field-title = Title
field-summary = Summary
field-language = Language
field-starts-at = Start
field-ends-at = End
field-venue-id = Venue or online link
field-online-url = Online link
field-capacity = Number of places
field-max-guests = Guests of each member
field-opens-at = Opening of answers
field-deadline = Deadline for answers
field-members-only = Members only
field-address-for = Who sees the address
field-moderator = Moderator
field-panel = Panel
field-facilitator = Facilitator
field-speakers = Speakers
field-scribe = Scribe
field-context = Context
field-confidentiality = Confidentiality
field-prerequisites = Prerequisites
field-bring = To bring
field-case = The case
field-subjects = Subjects
field-time-box-minutes = Minutes for each subject
field-questions = Questions
field-tables = Number of tables
field-seats-per-table = Chairs at each table

## Problems of the JSON surface

problem-malformed = Not readable
problem-malformed-detail = The body is not JSON (line { $line }, column { $column }). Correct it and send it again.
problem-unauthorized = Not signed in
problem-no-credentials = This needs an API token in “Authorization: Bearer”. Make one with “mensuel token add”.
problem-bad-credentials = This token opens nothing: it was altered or revoked, or its organizer is none any more. Make one with “mensuel token add”.
problem-forbidden = Not allowed
problem-scope = This needs the scope “{ $needs }”; the token has “{ $has }”.
problem-not-found = Not found
problem-not-found-detail = There is nothing at this address, or nothing that you may see. Check it.
problem-link-unknown = This link is unknown or incomplete. Take the whole of it from the mail, or ask for it again.
problem-method = Method not known here
problem-method-detail = This address takes { $allow }.
problem-conflict = Not possible now
problem-key-in-use = The same request is at work with this Idempotency-Key. Try again in a moment.
problem-email-taken = This address is another member's. Give another one, or change that member.
problem-venue-taken = A venue of this name and address exists already. Use that one.
problem-already-published = A published evening cannot be deleted. Cancel it instead: PUT …/cancellation.
problem-not-a-member = This person is no member any more. Make them active first.
problem-followers-asked = All followers of this evening have been invited already: no wave is left to plan.
problem-not-retriable = Only mail that failed or expired can be sent again.
problem-not-held = This mail does not wait for a decision, or cannot be taken as an answer.
problem-answered-since = They have answered since, and that answer counts. Put this mail aside.
problem-last-organizer = This is the last organizer. Give the role to another member first.
problem-differs = This published evening differs from what was asked: it was left alone. Change the evening itself.
problem-revoked = No longer valid
problem-revoked-detail = This link is no longer valid. Ask for a new one.
problem-stale = Changed meanwhile
problem-stale-detail = This was changed since you read it. Read it again and repeat the change.
problem-too-large = Too large
problem-too-large-detail = The body is larger than 1 MB. Shorten it.
problem-media-type = Wrong type of body
problem-media-type-detail = Send the body as { $media }.
problem-invalid = Not valid
problem-invalid-detail = The request was not taken; nothing was changed. Correct what is listed.
problem-if-match = If-Match is needed
problem-if-match-detail = Send the ETag that you read in If-Match, so that nobody's change is lost.
problem-too-many = Too many requests
problem-too-many-detail = Try again in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}.
problem-not-ready = Not ready
problem-database-unknown = The database does not answer. If you asked for a change, look in a minute whether it was made before asking again.
problem-database-away = The database does not answer. Nothing was recorded; try again in a minute.
problem-schema = The schema of the database is not the one of this program. Run “mensuel migrate”.
problem-internal = A fault of ours
problem-internal-detail = Something did not work on our side, and it is noted. Read again what is recorded before you repeat this.

wrong-unknown-field = There is no such field here. Leave it out.
wrong-unknown-parameter = There is no such parameter here. Leave it out.
wrong-missing = This field is missing.
wrong-null = This field cannot be null. Give a value, or leave it out.
wrong-twice = Given twice. Give it once.
wrong-text = This must be text.
wrong-boolean = This must be true or false.
wrong-list = This must be a list.
wrong-object = This must be an object.
wrong-number = This must be a whole number from { $min } to { $max }.
wrong-too-many = { $max } items at most.
wrong-too-few = At least one is needed.
wrong-one-of = This must be one of: { $values }.
wrong-date = This must be a day such as 2027-01-14.
wrong-month = This must be a month such as 2027-05.
wrong-month-or-date = This must be a month such as 2027-05, or a day such as 2027-05-20.
wrong-moment = This must be a time such as 2027-01-14T19:00 (with time_zone) or 2027-01-14T19:00:00+01:00.
wrong-zone = This must be an IANA time zone such as Europe/Paris.
wrong-no-zone = A local time needs time_zone too.
wrong-offset = { $zone } does not have this offset then. Correct it, or give the local time.
wrong-duration = This must be a duration such as PT2H30M, of a day at most.
wrong-end-and-length = Give the end or the duration, not both.
wrong-clock = This must be an hour such as 19:00.
wrong-id = This must be a UUID.
wrong-cursor = This cursor is none of ours. Begin again with the first page.
wrong-skip = This must be a month such as 07 (of every year) or 2027-02.
wrong-person = This must be a member (member_id alone), or a person (name, and email if you have it).
wrong-follows = This must be a list of formats, or all by itself.
wrong-key = This must be 1 to 200 visible ASCII characters.
wrong-key-reused = This key was used for another request. Take a new one.
wrong-key-refused = No Idempotency-Key here: a stored answer holds no secret.
wrong-no-member = There is no such member, or no longer.
wrong-no-venue = There is no such venue.
wrong-no-series = There is no such series.
wrong-venue-twice = Give the venue by venue_id, or by its name and address, not both.
wrong-address-alone = Give the name of the venue (venue) too.
wrong-span-of-days = The last day comes before the first.
wrong-ten-years = Ten years after from at most.
wrong-wave-dates = These must be two dates to come, one after the other, before the deadline: of the second and of the third wave.
wrong-wave-dates-twice = Give either `every_hours` or `next`, not both.
wrong-plan-alone = A plan goes with `"invite": "plan"`.
wrong-undo-alone = There is nothing to undo when nobody is invited.
wrong-only-null = Only null can be written here: mail goes there again.
wrong-split = There is nothing to split at this month. Choose one between the start and the end of the series.
wrong-not-organizer = A token belongs to an organizer, and you are none any more.
wrong-one-address = Give email, or emails, not both.
wrong-primary = One address only can be the primary one.
wrong-primary-unverified = Mail goes to the primary address: it has to be known as theirs.
wrong-same-address = This address is given twice.
wrong-one-scope = Give one scope: the widest is enough, and inbound stands alone.

plan-hold = { $date } will be held.
plan-move = From { $from } to { $date }.
plan-move-hours = { $date } changes its hours: { $hours }.
plan-drop = { $from } will no longer be held.
plan-keep = { $date } stays as it is ({ $because }).
plan-update = { $date } takes the values of the series: { $fields }.
plan-notify = The guests of { $date } will be told.
plan-warning = { $date }: { $what }.

## The command line, the configuration, starting

cli-wrong = error: { $sentence }
cli-wrong-no-value = { $arg } needs a value.
cli-wrong-value = the value `{ $value }` does not suit { $arg }. Possible values: { $values }.
cli-wrong-value-because = the value `{ $value }` of { $arg } { $why }.
cli-wrong-argument = there is no argument { $arg } here.
cli-wrong-command = there is no command `{ $name }`.
cli-wrong-missing = { $arg } is missing.
cli-wrong-twice = { $arg } is given once only.
cli-wrong-number = the number of values of { $arg } is wrong.
cli-wrong-utf8 = the command line is not UTF-8.
cli-wrong-language = is no language of ours: fr or en
cli-wrong-other = the command line is wrong.
cli-wrong-similar = Did you mean { $name }?
cli-wrong-see-help = Help is given by --help.

config-mistakes = { $n ->
    [one] The configuration has a mistake:
   *[other] The configuration has { $n } mistakes:
}
config-mistake = { $setting }: { $wrong }.
config-in-file = `{ $key }` in { $file }
config-database = the database is `sqlite:` with a path, or `postgres://user:password@host/name`
config-database-file = SQLite keeps its data in a file: write `sqlite:` and a path
config-relay = the relay is `smtps://user:password@host`, `smtp+starttls://user:password@host`, or `smtp://host` without encryption
config-relay-password = a password is not sent without encryption: write `smtps://` or `smtp+starttls://`
config-bind = `{ $text }` is not an IP address and a port, such as 127.0.0.1:8080 or [::]:8080
config-base-url = links begin with an https:// or http:// address without user, query and fragment, such as https://soirees.example
config-base-path = the path `{ $path }` cannot be served: give Mensuel a host name of its own, such as https://soirees.example
config-email = `{ $text }` { $why }
config-text = the text { $why }
config-network = `{ $text }` is not a network such as 10.0.0.0/8 or fd00::/8
config-zone = `{ $text }` is not a zone of the IANA database, such as Europe/Paris
config-language = `{ $text }` is not one of the languages fr and en
config-log = `{ $text }` is not a log filter, such as info, or warn,mensuel=debug
config-log-format = `{ $text }` is neither text nor json
config-switch = `{ $text }` is neither on nor off
config-days = `{ $text }` is not a whole number of days from { $least } to { $most }
config-hours = `{ $text }` is not a whole number of hours from { $least } to { $most }
config-quiet-hours = `{ $text }` is not two different times of day such as 21:00-08:00, nor `none`
config-held-dates = `{ $text }` is neither shown nor hidden
config-month = `{ $text }` is not the number of a month, from 1 to 12
config-mailbox = the mailbox is `imaps://user:password@host/FOLDER`, or `imap://` on this machine; the folder is INBOX unless named
config-mailbox-password = a password is not sent without encryption: write `imaps://`
config-lmtp-abroad = whoever reaches this door can say anything: it listens on loopback only, such as 127.0.0.1:2424
config-delimiter = one of + - = _ . #, as the mail server parts what follows a name
config-word = `{ $text }` is not one word, such as mail.community.example
config-no-room-for-token = mail that comes in is read, so the address needs room for a token: at most 19 characters before the @
config-per-minute = `{ $text }` is neither a number from 1 to 100000 nor unlimited
config-dkim-together = to sign mails, a domain, a selector and a key are needed: set all three, or none
dkim-not-pem = the key is not a private key in PEM, as `openssl genpkey` writes it
dkim-not-usable = the key is neither RSA of 2048 to 4096 bits nor Ed25519; make one with `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`
dkim-domain = the domain is no domain name, such as soirees.example
dkim-selector = the selector is no name of letters, digits and hyphens, such as mensuel2027
config-unreadable = the file cannot be read: { $why }
config-not-toml = the file is not TOML ({ $place })
config-secret-empty = the file { $path } holds nothing: write the secret into it
config-secret-unreadable = the file { $path } cannot be read: { $why }
config-twice = this is also set by { $other }: keep one of the two
config-written-so = this is written { $variable } as a variable and `{ $name } = …` in the file
config-called-so = there is no such setting; it is called { $variable } ({ $name } in the file)
config-no-such = there is no such setting; there are { $names }, and { $secrets }
config-demo-abroad = the demo listens on loopback only, such as 127.0.0.1:8080
config-keys-for-postgres = PostgreSQL needs keys that all processes share: set MENSUEL_KEYS or MENSUEL_KEYS_FILE, for example to the output of `echo "1:$(openssl rand -base64 32)"`
config-sender-for-relay = a relay is set, so mail needs an address that it comes from and that can be answered: one deliverable address of the community
config-base-needed = links need a base address here, because port 0 in MENSUEL_BIND says nothing of where the service will listen

flaw-empty = must not be empty
flaw-long = is longer than { $max } characters
flaw-control = holds a control character
flaw-email = is not an email address
flaw-web = is not a web address that starts with https:// or http://
io-not-found = it does not exist
io-denied = access is denied
io-exists = it exists already
io-directory = it is a folder
io-no-directory = a folder of the path is none
io-read-only = the disk is read-only
io-full = the disk is full
io-not-text = it is not text in UTF-8
io-address-in-use = another program listens there already
io-address-elsewhere = this address is not one of this machine
io-other = the system says `{ $said }`
keys-none = there is no key: give at least one as `id:base64 of 32 bytes`, for example with `echo "1:$(openssl rand -base64 32)"`
keys-no-colon = key number { $number } in the list has no colon: write it as `id:base64 of 32 bytes`
keys-id = the id of key number { $number } in the list must be a number from 1 to 255
keys-twice = the id { $id } stands there twice: each key needs an id of its own
keys-not-base64 = the key with id { $id } is not base64
keys-length = the key with id { $id } has { $bytes } bytes and needs 32: make one with `openssl rand -base64 32`
keys-readable = { $path } can be read by others than its owner (mode { $mode }): run `chmod 600 { $path }`, and give new keys if somebody may have read it
keys-in-file = the key file { $path } is not usable: { $why }
keys-file = the key file { $path } cannot be read or made: { $why }
relay-no-address = the relay is not an address such as smtps://user:password@smtp.example.org
relay-scheme = the relay's address starts with { $scheme }://; it can start with smtp://, smtp+starttls:// or smtps://
relay-half-sign-in = the relay's address has a user without a password, or a password without a user
relay-not-utf8 = the relay's address holds a user or password that is not UTF-8 after percent decoding
relay-option = the relay's address knows ?plain=yes and ?ca=FILE, not ?{ $option }
relay-plain-abroad = smtp:// would send mails and passwords unencrypted to another machine: use smtp+starttls:// or smtps://, or add ?plain=yes if the network between is yours
relay-authorities = the certificate file of the relay cannot be used: { $why }
relay-host-name = the relay's host name cannot stand in a certificate
send-refused = refused at { $step } with { $reply }
send-unusable = failed at { $step }: { $words }
send-timeout = no answer in time at { $step }
send-unreadable = no readable answer after the whole mail was sent, which may have been accepted: { $words }
send-no-starttls = the relay does not offer STARTTLS, and nothing is sent without it
send-eight-bit = the mail holds 8-bit bytes, which the relay does not take
send-unexpected = unexpected reply { $code }
send-late = no answer in time
send-step-connect = the connection
send-step-hello = the greeting
send-step-starttls = STARTTLS
send-step-sign-in = sign-in
send-step-from = the sender
send-step-recipient = the recipient
send-step-data = DATA
send-step-content = the mail itself

mailbox-no-address = this is not the address of a mailbox
mailbox-certificates = the certificates cannot be used: { $why }
mailbox-connection = it could not be reached: { $why }
mailbox-timeout = it did not answer in time
mailbox-sign-in = it refused the user or the password
mailbox-refused = it said: { $said }

start-data-dir = The data directory { $path } cannot be used: { $why }.
start-locked = Another `mensuel serve` works in { $path }. Stop it first, or choose another MENSUEL_DATA_DIR.
start-store = The database cannot be used ({ $why }). Check MENSUEL_DATABASE_URL.
start-keys = The signing keys cannot be used: { $why }.
start-relay = The mail relay cannot be used: { $why }.
start-mailbox = The mailbox cannot be used: { $why }.
start-schema-behind = The database's schema is older than this version. Run `mensuel migrate` once, then start again.
start-schema-of-another = A `mensuel serve` of another version works on this database. Stop it, or use its version.
start-schema-newer = The database was changed by a later version. Use that version, or restore a backup.
start-demo = The demo's season could not be made: { $why }.
start-listen = { $address } cannot be listened on: { $why }. Set MENSUEL_BIND to another address or port.

## What `mensuel doctor` says

doctor-ok = ok
doctor-warning = warning
doctor-wrong = wrong

doctor-configuration = Configuration: read, without a mistake.
doctor-keys = Keys of the links: readable.
doctor-keys-none = Keys of the links: none yet.
doctor-keys-none-next = `mensuel serve` makes them when it starts first; back them up with the database.
doctor-keys-unreadable = Keys of the links: unreadable ({ $why }).
doctor-keys-unreadable-next = Restore the file `keys` from the backup; without it, links that were sent do not open any more.
doctor-disk = Disk: { $free } MB free for { $folder }.
doctor-disk-tight-next = Make room: without it nothing can be saved.
doctor-disk-read-only-next = Give this account the right to write there.
doctor-disk-unreadable = Disk: { $folder } cannot be read.
doctor-disk-unreadable-next = Make this folder readable and writable.
doctor-database = Database: it answers, and its schema is up to date.
doctor-database-none = Database: none yet.
doctor-database-none-next = `mensuel serve` makes it when it starts first.
doctor-database-away = Database: it does not answer ({ $why }).
doctor-database-away-next = Check MENSUEL_DATABASE_URL, and that its server runs.
doctor-database-behind = Database: its schema is of an earlier version.
doctor-database-behind-next = Run `mensuel migrate`.
doctor-database-newer = Database: a later version has changed it.
doctor-database-newer-next = Install that version, or restore a backup.
doctor-paused = Sending: paused. { $reason }
doctor-paused-next = Mend what the next lines say; sending goes on by itself.
doctor-clock = Clock: { $now } UTC.
doctor-clock-next = Set the time of this machine, and turn on NTP.
doctor-clock-ahead = Clock: the database bears a date to come already ({ $at } UTC).
doctor-clock-ahead-next = This machine or another one is set wrong: turn on NTP.
doctor-base = Public address: { $url }
doctor-base-none = Public address: none, links lead to this machine only.
doctor-base-next = Set MENSUEL_BASE_URL to the public address, with https://.

doctor-relay-none = Mail relay: none, each mail becomes a file in the data directory.
doctor-relay-none-next = Set MENSUEL_SMTP_URL and MENSUEL_MAIL_FROM.
doctor-relay-unusable = Mail relay: { $why }.
doctor-relay-unusable-next = Correct MENSUEL_SMTP_URL.
doctor-relay-reached = Relay { $host }:{ $port }: reached.
doctor-relay-reached-tls = Relay { $host }:{ $port }: reached, and its certificate is valid.
doctor-relay-hello = Relay: it answers EHLO.
doctor-relay-starttls = Relay: STARTTLS is offered, and its certificate is valid.
doctor-relay-sign-in = Relay: user and password are accepted.
doctor-relay-from = Relay: the sender's address is accepted.
doctor-relay-return = Relay: the return address { $address } is accepted.
doctor-relay-return-wrong = Relay: it takes the sender's address, and refuses the return address { $address } ({ $why }).
doctor-relay-return-wrong-next = Every mail leaves with it, so none would: have { $address } allowed at the relay, or set MENSUEL_INBOUND_MAIL=off (mail that comes in is not read then).
doctor-relay-wrong = Relay: { $why }.
doctor-relay-wrong-certificate = Its certificate does not fit: check the name { $host }, or add `?ca=FILE` for an authority of yours.
doctor-relay-wrong-connect = Check host and port of MENSUEL_SMTP_URL, and that nothing blocks the port (many hosts close 25: take 465 or 587).
doctor-relay-wrong-hello = It may be no SMTP server, or it refuses us: ask whoever runs it.
doctor-relay-wrong-starttls = Take smtps:// (port 465) if the relay offers it; nothing is sent without encryption.
doctor-relay-wrong-sign-in = Check user and password of MENSUEL_SMTP_URL (special characters as %XX).
doctor-relay-wrong-from = Have MENSUEL_MAIL_FROM allowed at the relay.
doctor-relay-wrong-later = Ask whoever runs the relay.
doctor-mail-taken = Test mail: the relay took it ("{ $said }").
doctor-mail-taken-next = See whether it arrives, and not among the junk; its source says whether SPF, DKIM and DMARC pass (Authentication-Results).
doctor-mail-written = Test mail: written to { $path }.
doctor-mail-not-sent = Test mail: not sent ({ $why }).
doctor-mail-not-sent-next = Mend the lines about the relay first.
doctor-mail-fault = it could not be written: { $why }
doctor-mail-subject = Test: { $community }
doctor-mail-text =
    This is a test of { $community }, asked for by `mensuel doctor`.

    If it reached you, the relay works.

doctor-not-asked = { $what }: could not ask ({ $why }).
doctor-by-hand = Look by hand: { $command }
doctor-dns-late = no answer in time
doctor-dns-failed = the resolver says `{ $said }`
doctor-mx = MX: { $domain } takes mail ({ $hosts }).
doctor-mx-address = MX: { $domain } has none; its mail goes to the machine of its own address ({ $addresses }).
doctor-mx-address-next = If another one takes its mail, publish an MX record; replies and reports of failure get lost else.
doctor-mx-none = MX: { $domain } takes no mail.
doctor-mx-none-next = Replies and reports of failure get lost: publish an MX record, or take a sender's address that has one.
doctor-spf = SPF: "{ $record }". The relay has to be in it.
doctor-spf-none = SPF: { $domain } does not say who may send for it.
doctor-spf-none-next = Publish as TXT what whoever runs the relay says, such as "v=spf1 include:spf.relay.example ~all".
doctor-spf-open = SPF: "{ $record }" lets everybody send.
doctor-spf-open-next = End it with ~all or -all.
doctor-spf-nobody = SPF: "{ $record }" lets nobody send.
doctor-spf-nobody-next = Put what whoever runs the relay says before its end, such as include:spf.relay.example.
doctor-spf-several = SPF: { $count } records, and then receivers believe none (RFC 7208).
doctor-spf-several-next = Keep one, which says it all.
doctor-dkim-none = DKIM: Mensuel does not sign.
doctor-dkim-none-next = That is fine if the relay signs for { $domain }; else set MENSUEL_DKIM_DOMAIN, MENSUEL_DKIM_SELECTOR and MENSUEL_DKIM_KEY_FILE.
doctor-dkim-signs = DKIM: Mensuel signs for { $domain }.
doctor-dkim-ours = DKIM: the key published at { $name } is ours.
doctor-dkim-other = DKIM: the key published at { $name } is not ours.
doctor-dkim-missing = DKIM: nothing is published at { $name }, our signatures are worth nothing.
doctor-dkim-unaligned-next = But { $signed } is not the sender's domain ({ $domain }): for DMARC this signature does not count.
doctor-dkim-publish =
    The record to publish:
    { $record }
doctor-dmarc = DMARC: "{ $record }".
doctor-dmarc-several = DMARC: { $count } records, and then receivers follow none (RFC 7489).
doctor-dmarc-several-next = Keep one.
doctor-dmarc-none = DMARC: { $domain } has no policy; Gmail and Yahoo ask for one.
doctor-dmarc-none-next = Publish at _dmarc.{ $domain }: "v=DMARC1; p=none; rua=mailto:postmaster@{ $domain }".
doctor-ptr = PTR: { $ip } goes by { $name }, which leads back to it.
doctor-ptr-none = PTR: { $ip } goes by no name that leads back to it.
doctor-ptr-none-next = If this server itself sends to the receivers, ask its host for that record; if another one sends for it, that one's counts.
doctor-ptr-here = PTR: the relay is on this machine, and its public address is not known from here.
doctor-ptr-here-command = dig +short -x ADDRESS
doctor-ptr-no-host = PTR: there is no name { $host }.
doctor-ptr-no-host-next = Correct the host of MENSUEL_SMTP_URL.

## Calendar entries and calendars

entry-held = { $community }: date held
entry-members-only = { $community }: members only
entry-cancelled = Cancelled: { $title }
entry-waiting = Waitlist: { $title }
entry-waiting-why = The evening is full: your yes is on the waitlist.
entry-offered-why = A seat is offered to you: your link says until when to take it.
entry-answer = Answer, or change my answer
entry-page = The evening's page
calendar-description = The evenings of { $community }: dates, new dates and cancellations.
calendar-format = { $community }: { $format }
calendar-member = { $community }: your evenings
calendar-member-description = Your evenings and your answers. The address of this calendar is yours: do not share it.

## Why a mail has not left

mail-no-address = This address does not exist, says the mail relay: nothing is sent there any more. ({ $reply })
mail-refused = The mail relay refused this mail: { $reply }
mail-later = The mail relay has not taken it yet: { $reply }. It will be tried again.
mail-ours = The mail relay refuses us, whatever the address: { $reply }. To be put right in the configuration or at the relay; it will be tried again.
mail-connection = The mail relay could not be reached ({ $words }). It will be tried again.
mail-timeout = The mail relay did not answer in time. It will be tried again.
mail-uncertain = Perhaps it has arrived: the mail relay fell silent after it got the whole mail.
mail-uncertain-twice = Sent twice without a clear answer: it is not sent a third time.
mail-fault = This mail could not be written: a fault of ours. It will be tried again.
mail-full = The mailbox of this address has been full for several mails: nothing is sent there any more. ({ $reply })
mail-expired = Given up after 48 hours of attempts.
mail-too-late = Given up: the evening would have begun.
mail-complained = Marked as spam by its recipient.
mail-unsubscribed = Unsubscribed by mail by its recipient.
