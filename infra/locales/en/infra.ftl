# The words of the service: spoken dates and numbers, then the mails. fr/infra.ftl has the same messages.

## Saying

list-two = { $first } and { $last }
hours = { $start } to { $end }
hours-from-to = from { $start } to { $end }
hours-next-day = { $start } to { $end } ({ $weekday })
span = { $day }, { $hours }
minutes = { $n ->
    [one] one minute
   *[other] { $n } minutes
}
days-left = { $n ->
    [0] today
    [1] tomorrow
    [7] in a week
   *[other] in { $n } days
}
seats = { $n ->
    [0] no seat
    [1] one seat
   *[other] { $n } seats
}
seats-left = { $n ->
    [0] full
    [1] one seat left
   *[other] { $n } seats left
}
guests = { $n ->
    [0] no guest
    [1] one guest
   *[other] { $n } guests
}
with-guests = { $n ->
    [1] with one guest
   *[other] with { $n } guests
}
people = { $n ->
    [0] nobody
    [1] one person
   *[other] { $n } people
}
registered = { $n ->
    [0] nobody coming yet
    [1] one person coming
   *[other] { $n } people coming
}
place-in-line = { $n ->
    [1] first on the waitlist
   *[other] { $ordinal } on the waitlist
}
waitlist-rule = Seats that are freed go in the order of the list: first to those who got no seat last time, then in the order of the answers, and last to those who twice did not come without saying so in time; an answer that does not fit into the free seats yet, guests included, keeps its place.
first-come = From now on a free seat goes to whoever says yes first: the link in this mail takes it.
line-closed = Seats that are freed are no longer given for this evening.

format-round-table = round table
format-workshop = workshop
format-retex = experience report
format-retex-short = retex
format-open-discussion = open discussion

role-moderator = moderator
role-panellist = panel
role-facilitator = facilitator
role-speaker = speaker
role-scribe = scribe

confidentiality-chatham-house = Chatham House Rule
confidentiality-attendees-only = attendees only
confidentiality-public = may be repeated
confidentiality-chatham-house-rule = Chatham House Rule: what is said may be used; who said it is never told.
confidentiality-attendees-only-rule = What is said here stays here.
confidentiality-public-rule = What is said may be repeated.

## Mails: subjects. The same stem for all mails of an evening, behind a word or two.

subject = { $day }: { $title }
subject-seated = Seat confirmed: { $stem }
subject-maybe = Answer noted: { $stem }
subject-no = Answer noted: { $stem }
subject-waitlisted = Waitlist: { $stem }
subject-promoted = A seat for you: { $stem }
subject-offered = A seat to take: { $stem }
subject-offer-expired = Seat not taken in time: { $stem }
subject-reminder = Reminder: { $stem }
subject-moved = New date: { $stem }
subject-moved-place = New place: { $stem }
subject-cancelled = Cancelled: { $stem }
subject-vacant = Role to fill: { $stem }
subject-said-no = Missing from the programme: { $stem }
subject-refused = Sending was paused: { $community }
subject-links = Your links: { $community }

## Mails: what happened

greeting = Hello { $name },
invitation = You are invited to this evening by { $community }.
your-role = { $role ->
    [moderator] You are the moderator of this evening.
    [panellist] You are on the panel of this evening.
    [facilitator] You are the facilitator of this evening.
    [speaker] You are a speaker of this evening.
   *[scribe] You are taking the notes of this evening.
}
programme-seat = People on the programme have their seat beside the others; tell us whether we can count on you.
confirmed = Noted: you are coming.
confirmed-guests = Noted: you are coming, { $guests }.
confirmed-free-seat = If you can no longer come, say so: your seat will go to somebody else.
noted-maybe = Noted: maybe. This answer holds no seat; say yes as soon as you know.
noted-no = Noted: you are not coming. If that changes, the same link still works.
waitlisted = The evening is full. You are { $place }.
waitlisted-next = Nothing else to do: as soon as a seat is yours, we write to you.
waitlisted-calendar = Your calendar accepted the invitation, but no seat was left: the attached entry corrects it.
promoted = A seat was freed: it is yours.
promoted-guests = Seats were freed: they are yours, { $guests }.
offered = A seat is free for you: say yes until { $until }.
offered-guests = Seats are free for you, { $guests }: say yes until { $until }.
offered-next = This offer holds until then. A no passes it on to the next person at once; without an answer you go to the end of the list.
offer-expired = The seat that was offered to you was not taken in time: it is no longer held for you. You are now { $place }.
reminder = It is { $when }.
reminder-seated = Your seat is kept. If you are no longer coming, say so: somebody else may be waiting for it.
reminder-programme = We are counting on you.
reminder-maybe = You answered “maybe”: do you know now?
reminder-silent = We do not have your answer yet.
moved-date = The date has changed.
moved-place = The place has changed.
moved-both = The date and the place have changed.
moved-seat-kept = Your seat is kept.
moved-line-kept = Your place on the waitlist is kept.
moved-offer-kept = The seat that is offered to you stays held: say yes until { $until }.
moved-programme = You are still on the programme: can we still count on you?
moved-answer-kept = Your answer is kept; it can change.
before = Before
cancelled = This evening will not take place.
cancelled-next = There is nothing to do. If it is in your calendar, the attached entry marks it as cancelled there.
reason = Reason
vacant = Nobody is left on the programme for this role: { $role }.
vacant-next = The evening stays published and shows “to be announced”. What remains is to find somebody, to move the evening, or to cancel it.
said-no = { $name } answered no and is on the programme ({ $role }).
refused = On { $day } at { $hour } the mail relay began to refuse our mails, whoever they were for.
refused-kept = The addresses are kept. Sending was paused and then tried less and less often; this mail reaches you because it works again.
refused-next = To look at on the server: "mensuel doctor --mail" with an address of yours says what is missing (the relay's credentials, SPF, DKIM, DMARC).
said-no-next = The programme was not changed. What remains is to find somebody else, to move the evening, or to cancel it.
links-lead = Here are your personal links for the coming evenings.
links-none = No coming evening has been proposed to you yet; your other links are below.
links-feed = Your personal calendar
links-feed-how = Add it to your calendar once; it stays up to date by itself.
links-feed-https = For Google Calendar or Outlook
links-feed-webcal = For Apple, Thunderbird and others

## Mails: the evening

where-online = online
where-later = The address is given once you are confirmed.
where-none = place to be announced
join-online = Join online
label-access = Access
label-confidentiality = Confidentiality
label-context = Context
label-prerequisites = Prerequisites
label-bring = To bring
label-case = The case
label-subjects = Subjects
label-questions = Questions
label-time-box = Time for each subject
to-announce = to be announced
former-member = somebody who has left the community
see-evening = See the page of the evening

## Mails: answering

ask = Will you come?
ask-moved = Are you still coming?
answer-yes = Yes, I am coming
answer-maybe = Maybe
answer-no = No
answer-not-anymore = I am no longer coming
answer-take = Yes, I take the seat
answer-leave = No, I leave it
answer-change = Change my answer
answer-how = The link opens a page; one press there records the answer.
answer-open = Answer or change my answer

stored = Recorded answer: { $answer }.
stored-none = none yet
stored-yes = yes
stored-yes-guests = yes, { $guests }
stored-waiting = yes, { $place }
stored-offered = yes, a seat is offered to you until { $until }
stored-maybe = maybe
stored-no = no

## Mails: at the foot

why-member = You receive this mail as a member of { $community }.
why-programme = You receive this mail because you are on the programme of this evening of { $community }.
why-organizer = You receive this mail because you organize the evenings of { $community }.
why-asked = You receive this mail because your links were asked for with this address. If it was not you, you can ignore it: they were sent nowhere else.
personal = The links in this mail answer in your name: better not to forward it.
preferences = Choose which mails you get, or unsubscribe
lost-link = Lost link? Get another one

## Mails: what comes in

subject-not-taken = Answer not recorded: { $stem }
subject-inbound-reply = An answer waits for your decision
subject-inbound-words = Message received: { $subject }
subject-inbound-refused = One of our mails was refused
subject-inbound-held = A mail that came in waits to be read
not-taken = Your calendar answered, but we could not record it.
not-taken-next = The attached entry brings your calendar back in line with what is recorded.
inbound-words = Somebody wrote to the address of the evenings. Answering this mail answers them.
inbound-held = Nothing was changed.
inbound-decide = The mail is kept in the list of incoming mail; there it can be taken as the answer, or put aside.
inbound-from = From
inbound-subject = Subject
inbound-evening = Evening
inbound-about = About
inbound-said = What it says
inbound-reason = { $reason ->
    [recorded] The calendar's answer is recorded.
    [recorded_before_move] Recorded, and marked “before the move”: it was given to the former date or place.
    [waitlisted] Recorded; the evening is full, so it is on the waitlist, and a mail corrects the calendar.
    [unsubscribed] The recipient gets no more invitations.
    [complained] Marked as spam: nothing is sent to this address any more.
    [address_stopped] The address does not exist: nothing is sent there any more.
    [soft_bounce] It could not be delivered for now; the address is kept. A full mailbox is counted.
    [soft_bounces_stopped] A full mailbox for the third time in thirty days: nothing is sent to this address any more.
    [mail_refused] The recipient's server refuses our mail, whatever the address: to be put right with us or our relay. The address is kept.
    [forwarded] Passed on to the organizers.
    [taken_by_organizer] Taken as the answer by an organizer.
    [unknown_uid] No invitation of ours has this identifier.
    [other_attendee] It answers for somebody else than its sender and the one who was invited.
    [older_than_reply] A later answer of the calendar is already recorded.
    [older_than_answer] A later answer was given elsewhere.
    [no_answer_in_reply] The calendar's answer says neither yes, nor no, nor maybe.
    [too_late] Answers are closed for this evening: only withdrawals still count.
    [too_early] Answers are not open yet for this evening.
    [evening_ended] The evening is over.
    [evening_cancelled] The evening is cancelled.
    [party_too_large] There are not enough seats for this answer, guests included.
    [no_longer_invited] Who was invited is no longer in the group or on the programme.
    [unknown_token] The return address is not one of ours.
    [report_without_token] A delivery report without proof that it concerns a mail of ours.
    [no_failure] A report of a delay or a delivery, not of a failure.
    [complaint_without_mail] A complaint that names no mail of ours.
    [no_complaint] Feedback that is no complaint.
    [unknown_mail] The mail that it is about is not known any more, or its recipient is no longer here.
    [automatic_reply] An automatic reply.
    [own_mail] A mail of our own, come back to us.
    [dismissed] Put aside by an organizer.
    [other_address] The answer comes from an address that we do not know as this member's: perhaps theirs, perhaps somebody's whom the invitation was forwarded to.
    [counter] Another date is proposed.
    [delegated] The invitation is delegated to somebody else.
    [refresh] The calendar asks for the invitation again.
    [calendar_request] An invitation addressed to us.
    [calendar_cancel] A cancellation that is not ours.
    [calendar_publish] An event published by somebody else.
    [calendar_add] An addition to an event.
    [decline_counter] A proposal declined.
    [calendar_without_method] A calendar file that does not say what it wants.
    [several_events] Several events or several answers in one mail.
    [calendar_unreadable] A calendar file that cannot be read.
    [reply_without_event] An answer without an event.
    [reply_without_uid] An answer without an event's identifier.
    [reply_without_attendee] An answer that does not say whose it is.
    [reply_of_several] An answer in the name of several people.
    [mail_too_large] A mail too large to be read; its header is kept.
    [calendar_too_large] A calendar file too large to be read.
    [parts_too_deep] A mail whose parts are nested too deep to be read.
   *[too_many_parts] A mail of too many parts to be read.
    [not_forwarded] Kept here without being passed on: many mails came in within the hour.
}
