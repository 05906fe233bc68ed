app-name = Gudok

# Where to go

nav-phone = Phone
nav-lines = Lines
nav-settings = Settings

do-not-disturb = Do not disturb
do-not-disturb-hint = { $command }+D
voicemail-new = { $count ->
        [one] { $count } new voice message
       *[other] { $count } new voice messages
    }
voicemail-waiting = New voice messages
favourites = Favourites
favourite-free = free
favourite-ringing = ringing
favourite-ringing-by = { $caller } calls
favourite-busy = busy
favourite-unknown = state unknown
favourite-pick-up = Pick up the call for { $name }
notice-dismiss = Hide

# The first run

first-heading = Hear a dial tone
first-words = We call the test line right inside this computer: no account, no internet. You will hear yourself.
first-call = Call the test line
first-add-line = Add your own line
first-add-line-note = the login and password you were given

# The phone

phone-number = Number or address
phone-number-hint = Number or address
phone-erase = Erase the last character
phone-call = Call
phone-will-dial = will dial
phone-over-line = line { $line }
phone-over-any = will ask for the line
phone-any-line = Ask if need be
phone-call-hint = To choose the line: { $command }+Enter or Shift and click
phone-not-a-number = this is no number or address
phone-no-line = no lines yet: add your own
phone-no-ready-line = no line is ready

test-line = Test line
test-line-call = Hear yourself
test-line-note = no account, no internet

strangers-refused = { $count ->
        [one] { $count } call from an unknown server was refused
       *[other] { $count } calls from unknown servers were refused
    }

# Calls

call-dialing = calling…
call-ringing = ringing…
call-early-media = ringing…
call-incoming = incoming
call-connecting = connecting…
call-active = talking
call-encrypted = The sound is encrypted: { $suite }, keys by { $keys }
call-held = on hold
call-held-by-peer = they put you on hold
call-ended = The call is over
call-missed = Missed call
call-cancelled = The call was cancelled
call-ended-by-peer = they hung up
call-being-forwarded = being forwarded…
call-queued = waiting in a queue…
call-forwarded-to = Sent on to { $to }
call-diverted-by = forwarded by { $by }
call-decline-busy = I am busy
call-decline-unavailable = Not available
call-deflect = Send on…
call-deflect-number = Number or address to send the call to
call-deflect-now = Send on
call-over-line = line { $line }
call-incoming-heading = Incoming
call-running = Call in progress
call-answer-holds = answering puts it on hold
call-answer = Answer
call-decline = Decline
call-microphone = Microphone
call-microphone-on = Microphone on
call-microphone-off = Microphone off
call-heard = Heard
call-not-heard = Muted
call-hold = Hold
call-resume = Resume
call-join = Join the calls
call-join-one = Join with { $name }
call-join-conference = Add to the conference
call-joined = in the conference
call-conference = conference of { $people }
call-silence = Silence
call-silence-off = Hear again
call-silenced = silenced
call-part = Split off
call-end-conference = End all
call-transfer = Transfer
call-transfer-number = Number or address to transfer to
call-transfer-now = Transfer now
call-transfer-connect = Connect { $first } with { $second }
call-transfer-asked = transfer to { $to }: asking…
call-transfer-trying = transfer to { $to }: calling…
call-transfer-ringing = transfer to { $to }: ringing…
call-transfer-done = Transferred to { $to }
call-transfer-failed = The transfer to { $to } failed: { $why }
call-asked = You are asked to call { $to } instead
call-asked-follow = Call { $to }
call-asked-refuse = Stay here
call-tones = Tones
call-tones-hint = Press the keys or type digits: the other side hears them
call-tones-sent = Sent: { $digits }
call-tones-heard = They pressed: { $digits }
call-end = Hang up
call-follow = Call { $address }
call-redial = Redial
call-back = Call back
call-dismiss = Hide
call-record = Record the call
call-record-stop = Stop recording
call-record-short = Record
call-recording = recording
call-recording-paused = recording paused
call-recording-locked = recording: the owner of the line wants it
call-recording-pause = Pause recording
call-recording-resume = Resume recording
call-recorded = Recording: { $path }
call-sip-status = the server answered { $status }

quality-excellent = excellent
quality-good = good
quality-fair = fair
quality-poor = poor
quality-delay = { $ms } ms
quality-score = MOS { $mos }, the worst { $worst }; R { $rating }
quality-network = lost { $lost } %, jitter { $jitter } ms, buffer { $buffer } ms
quality-bursts = bursts of loss: { $ms } ms, { $lost } % lost in them
quality-by-peer = the other side lost { $lost } % of us
quality-by-peer-score = the other side lost { $lost } % of us, hears MOS { $mos }

level-microphone = Microphone level
level-speaker = Level of the other side

# Lines

line-ready = ready
line-ready-unregistered = ready, not registered
line-registering = connecting…
line-failed = no connection
line-off = switched off

lines-add = Add
lines-add-this = Add the line
lines-new = New line
lines-new-note = Your provider or PBX administrator gives you login, password and domain.
lines-empty = Your numbers will be here. The first line needs a login, a password and a domain from your provider or PBX.
lines-more = More settings
lines-less = Fewer settings
lines-try-now = Try now
lines-trust = Trust this certificate
lines-delete = Delete the line
lines-delete-sure = Delete the line “{ $line }”?
lines-delete-note = Its settings and password will be erased from this computer.
lines-removed = The line “{ $line }” was deleted
lines-restore = Bring back
lines-delete-not = Keep it

hint-name = e.g. Office
hint-login = e.g. 101
hint-certificate = path of a PEM file

password-show = Show the password
password-hide = Hide the password
password-kept = kept

form-missing = please fill this in
form-cancel = Cancel

# The page of a line

line-owner = owner: { $owner }
line-owner-you = owner: you
line-used = { $owner } sets this line up. You can call with it.
line-records = Calls are recorded
line-records-note = The line's owner decided so: { $owner }.
line-call = Call with this line

setting-waiting = { $name }, not in force yet

value-not-set = not set
value-not-chosen = not chosen
value-by-server = as the server says
value-off = off
value-auto-answer-off = off
value-auto-answer-asked = if asked for
value-auto-answer-always = always
value-seconds = { $seconds } s
value-none = none
value-set = set
value-auto = auto
value-encryption-off = off
value-encryption-optional = if possible
value-encryption-required = required
value-as-domain = same as domain
value-as-login = same as login
value-inband = inband
value-this-computer = This computer
value-me = me

order-up = { $name }: up
order-down = { $name }: down
order-drag = { $name }: drag

draft-waits = Changed: { $names }. Comes into force by itself in
draft-apply = Apply
draft-revert = Undo

choose-line-title = Which line to call with?
choose-line-always = Always this line

list-close = Close
list-nothing = Nothing found

party-choose-chat = Choose the chat
party-choose-user = Choose the user
party-search = Name, @username or phone
party-sign-in = Sign in to Telegram first

template-title = Provider or PBX
template-search = Name or domain
template-missing = Still to be filled in: { $names }
template-none = No template
template-keep = Keep as a template
template-keep-note = Login and password stay out of it. Enter keeps, Esc does not
template-kept = The template is in the list of providers and PBXs now
template-name = Name of the template

rules-try = A number to try
rules-keep-hint = Enter keeps, Esc leaves it as it was
rules-filtered-by = This line does not dial the number: the rule { $rule } does not let it through

# Lines in a file

carry-in-open = Load from a file…
carry-out-open = Save to a file…
carry-in-title = Lines from a file
carry-out-title = Lines to a file
carry-in = Load
carry-out = Save
carry-path = File
carry-browse = Choose the file…
carry-with-passwords = With passwords
carry-with-passwords-note = A passphrase seals the passwords: nobody reads them without it.
carry-passphrase = Passphrase
carry-passphrase-again = Passphrase again
carry-passphrase-differs = the passphrases differ
carry-in-note = Needed if the file has passwords. Without it everything else is loaded.
carry-in-done = { $count ->
        [one] { $count } line was loaded
       *[other] { $count } lines were loaded
    }
carry-out-done = { $count ->
        [one] { $count } line was saved
       *[other] { $count } lines were saved
    }
carry-templates-open = Load templates…
carry-templates-title = Templates from a file
carry-templates-done = { $count ->
        [one] { $count } template was loaded
       *[other] { $count } templates were loaded
    }
carry-done = Done

# Settings of the program

settings-language = Language
settings-theme = Look
settings-system = System
settings-theme-light = Light
settings-theme-dark = Dark
settings-calls = Calls
settings-line = Line for all calls
settings-line-ask = ask
settings-sound = Sound
settings-meter-note = Say something: the bar should move.
sound-echo = Echo cancellation
sound-echo-note = Without headphones the other side does not hear itself.
sound-noise = Noise suppression
sound-noise-note = Steady noise becomes quieter: fans, the street, hum.
sound-gain = Automatic loudness
sound-gain-note = A quiet voice becomes louder, a loud one quieter.

device-microphone = Microphone
device-speaker = Speaker
device-ring = Ringing
device-system = As the system has it

try-microphone = Try the microphone
try-speaker = Try the speaker
try-ring = Try the ring
try-stop = Stop
try-listening = Say something…
try-playback = Now listen to yourself.
try-playing = Listen…
device-away = { $device } (not connected)

ring-tone = Ring tone
ring-tone-note = A file may be WAV or Ogg Opus. If it is gone, the first ring sounds.
ring-marimba = Marimba
ring-bell = Bell
ring-chime = Chime
ring-choose-file = Choose a file…

sound-recording-tone = Tone while recording
sound-recording-tone-note = Both sides hear a short tone when a recording begins, and every 15 s.
tones-country = Tones of
tones-country-note = Ringing, busy and congestion sound as on the telephones of this country.
tones-system = As the system's region
tones-ru = Russia
tones-au = Australia
tones-at = Austria
tones-by = Belarus
tones-cz = Czechia
tones-ch = Switzerland
tones-cn = China
tones-de = Germany
tones-ee = Estonia
tones-es = Spain
tones-fi = Finland
tones-fr = France
tones-gb = United Kingdom
tones-il = Israel
tones-it = Italy
tones-kz = Kazakhstan
tones-lt = Lithuania
tones-nl = Netherlands
tones-pl = Poland
tones-se = Sweden
tones-ua = Ukraine
tones-us = United States

passwords-use-file = Keep passwords in a file that only I can read
settings-passwords = Passwords
settings-passwords-keyring = In the system's key store
settings-passwords-file = In a file only I can read

nav-history = History
history-all = All
history-missed = Missed
history-incoming = Incoming
history-outgoing = Outgoing
history-recorded = Recorded
history-all-short = All
history-missed-short = Missed
history-incoming-short = In
history-outgoing-short = Out
history-recorded-short = Rec.
history-search = Name or number
history-empty = Your calls will be here.
history-nothing = Nothing found.
history-yesterday = yesterday, { $time }
history-outcome-talked = talked
history-outcome-missed = missed
history-outcome-forwarded = sent on
history-outcome-declined = declined
history-outcome-cancelled = cancelled
history-outcome-failed = failed
history-outcome-interrupted = broken off
history-call = Call { $name }
history-play = Play the recording
history-reveal = Show in the folder
history-copy = Copy the number
history-forget-one = Remove from the history
history-forget = Clear the history
history-forget-ask = Remove all calls from the history? Recordings stay.
history-forget-yes = Remove all
history-export = Save as a table
history-exported = Saved: { $path }
history-mos = score { $score }
history-jitter = jitter { $ms } ms
history-lost = lost { $percent } %

settings-diagnostics = Diagnostics
trace-title = SIP trace
trace-about = The last messages between Gudok and its servers
trace-note = The last messages, a thousand at most. Passwords, keys and digits are hidden by asterisks.
trace-save-text = Save as text
trace-save-pcap = Save for Wireshark
trace-saved = Saved: { $path }
trace-search = Search in the messages
trace-nothing = There are no such messages.
trace-close = Close
trace-copy = Copy
