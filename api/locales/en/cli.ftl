# The help of the command line. One key per command (`organizer-add`), `-more` for what the long
# help says beyond it; per argument `command--argument`, `-value` for its value.

heading-usage = Usage:
heading-commands = Commands
heading-arguments = Arguments
heading-options = Options
value-command = COMMAND
any--help = Print help (-h: in short)
any--version = Print the version

mensuel = The monthly evenings of one community: dates, invitations, seats, calendars
mensuel-more =
    Mensuel runs the monthly evenings of one community: it holds the dates, invites the members,
    counts the seats, and keeps everybody's calendar right.

    To look around:      mensuel demo
    To begin:            mensuel serve            (it says what is still missing)
                         mensuel organizer add you@community.example
                         mensuel token add laptop --scope admin
                         mensuel import members members.csv --dry-run
mensuel-after =
    Settings come from mensuel.toml (or the file that --config names) and from MENSUEL_… variables
    over it; none is needed. Waitlists are served by MENSUEL_OFFERS_WITHIN_DAYS=3,
    MENSUEL_OFFER_HOURS=12, MENSUEL_QUIET_HOURS=21:00-08:00 and MENSUEL_CUT_OFF_HOURS=2. Results go to standard output, everything else to standard error.

    Exit codes:
      0  done
      1  refused or failed; nothing was changed
      2  the command line or the configuration is wrong; nothing was done
      3  an import found wrong lines; with --skip-invalid the others are in, without it none is
     75  inbound: not now, the mail server is to try again
mensuel--config = Read settings from this file instead of mensuel.toml
mensuel--config-value = FILE
mensuel--lang = Speak French or English; else the language of MENSUEL_LANGUAGE, then of the terminal, then of the community
mensuel--lang-value = fr|en

demo = Start a service with a made-up season, to look around
demo-more =
    Everything in it is computed from today, kept in `demo` under the data directory, and
    reachable from this machine only. Mails are not sent: a page shows them. Started again, it
    goes on where it stopped; once its season is past, it begins anew.
demo--fresh = Begin anew

serve = Start the service
serve-more =
    The first line printed is the address listened on. It ends on SIGTERM or Ctrl-C, within ten
    seconds, and loses nothing that it acknowledged.

work = Work the queue of mails and reminders without serving
work-more =
    May run beside `mensuel serve`, several times too: each mail leaves once.

migrate = Bring the database's schema to this version
migrate-more =
    On SQLite `mensuel serve` does it by itself, and no service may run meanwhile.

organizer = The organizers
organizer-add = Give somebody the role: the member of this address, or a new one
organizer-add--email = Their address
organizer-add--email-value = EMAIL
organizer-add--name = What they are called; for a new member else made from the address
organizer-add--name-value = NAME

token = API tokens
token-add = Make a token for a program, and print it once
token-add-more =
    The token alone goes to standard output: TOKEN=$(mensuel token add laptop --scope admin)
token-add--name = What it is for
token-add--name-value = NAME
token-add--organizer = Whose token it is; needed unless there is exactly one organizer
token-add--organizer-value = EMAIL
token-add--scope = What it may do at most: read, write, admin or inbound
token-add--scope-more =
    What it may do at most:
    - read     see everything
    - write    plan evenings, invite, answer for members
    - admin    tokens, roles and erasure too
    - inbound  for the mail server alone; belongs to nobody
token-add--scope-value = SCOPE

inbound = Take in one mail from standard input, for a mail server's pipe
inbound-more =
    Calendar answers, returned mail, complaints and people's words: each is filed once with what
    became of it. Whatever stands in the way ends with 75, so that the mail server tries again.
inbound--recipient = The envelope's recipient; else the header says for whom it was
inbound--recipient-value = ADDRESS
inbound--sender = The envelope's sender, empty for reports; else `Return-Path` says it
inbound--sender-value = ADDRESS

doctor = Say what is right here, what is not, and what to do
doctor-more =
    Looks at keys, disk, database, clock, addresses, the relay up to the sender's address, and the
    DNS records of mail (MX, SPF, DKIM, DMARC, PTR). It changes nothing, and ends with 1 when
    something is wrong.
doctor--mail = Send a test mail there
doctor--mail-value = EMAIL
doctor--resolver = Ask this server for DNS records, instead of the one that this machine asks
doctor--resolver-value = IP:PORT

import = Take over a CSV file; nobody is mailed
import-members = Members: name, email; job_title, company, language, member_since, follows, status
import-members-more =
    A known address, in any case, is updated; an empty cell says nothing; who left is not
    brought back. `follows` is `all` or names of formats with semicolons between.
import-events = Evenings: date, start, end; format, title, people, venue, capacity, status and the rest
import-events-more =
    A line fills the held date of its day, or makes an evening when there is none. A past day is
    history. People are addresses of members, names, or `Name <address>`, with semicolons between.
file--path = UTF-8, else read as Windows-1252; comma or semicolon; columns by name in any order
file--path-value = FILE
file--dry_run = Say what would happen, and change nothing
file--skip_invalid = Take the right lines though others are wrong

help = Print help, or that of a command
help--command = The command, such as: organizer add
help--command-value = COMMAND
