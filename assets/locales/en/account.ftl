# Sections of the account page

section-login = Sign-in
section-connection = Connection
section-sound = Sound and numbers
section-calls = Incoming calls
section-people = Recording and people

# Settings: the name, what it is for, the words it is found by

setting-name = Name
    .help = What you call this account: “Work”, “Home”.
    .keywords = title label line
setting-enabled = On
    .help = An account that is off makes and takes no calls.
    .keywords = enable disable switch
setting-login = Login
    .help = Your number or name at the provider, without the domain.
    .keywords = user username number extension
setting-password = Password
    .help = The SIP password from your provider; it is kept apart from the settings.
    .keywords = secret
setting-domain = Domain
    .help = The provider's server: sip.example.com or sip.example.com:5070.
    .keywords = server host address
setting-display-name = Display name
    .help = What the person you call sees.
    .keywords = caller id
setting-auth-login = Authorization login
    .help = Only needed if the provider gave you one apart from the login.
    .keywords = auth authentication username id
setting-transport = Transport
    .help = How messages travel: UDP mostly fits, TLS encrypts.
    .keywords = udp tcp tls encryption protocol
setting-encryption = Encryption of sound
    .help = Whether nobody on the way can listen: if possible, with whoever can; required, or else no call.
    .keywords = srtp encryption security sdes dtls lock
setting-key-exchange = Keys of encryption
    .help = auto: SDES over TLS, DTLS otherwise. sdes: also without TLS, where the keys can be read on the way. dtls: only DTLS.
    .keywords = srtp sdes dtls keys fingerprint
setting-register = Registration
    .help = Without it you can call, but no calls come in through the server.
    .keywords = register expires
setting-registrar = Registrar proxy
    .help = The server everything is sent through, if it is not the domain.
    .keywords = outbound proxy
setting-certificate = Own certificate
    .help = A PEM file with the certificate of a private authority to trust.
    .keywords = ca pem tls authority
setting-pinned = Pinned certificate
    .help = The SHA-256 fingerprint of a certificate you trust for this account.
    .keywords = fingerprint sha256 tls
setting-codecs = Codecs
    .help = How sound is encoded, the most wanted first.
    .keywords = opus g722 alaw ulaw pcma pcmu g711 quality
setting-dtmf = DTMF
    .help = How digits are sent during a call, the most wanted way first.
    .keywords = tone digits keypad rfc2833 rfc4733 info inband
setting-template = Template
    .help = The provider's preset: it fills in what is known; login and password stay yours.
    .keywords = provider preset pbx catalogue
setting-worker = Worker
    .help = The machine this account runs on.
    .keywords = computer server machine
setting-ptime = Packet length, ms
    .help = Sound in one packet: 20 mostly fits; longer ones save traffic, shorter ones delay less.
    .keywords = ptime packet milliseconds
setting-opus-bitrate = Opus: bit rate, kbit/s
    .help = More sounds better and takes more traffic; “auto” chooses by itself.
    .keywords = opus bitrate kbit traffic
setting-opus-fec = Opus: repeat lost sound
    .help = Lost packets are heard less on a bad network.
    .keywords = opus fec loss
setting-opus-dtx = Opus: send less in silence
    .help = Saves traffic while nobody speaks.
    .keywords = opus dtx silence traffic
setting-rules = Dial rules
    .help = Change numbers before dialling, and choose which of them this line takes.
    .keywords = rules regex prefix format replace filter
setting-call-waiting = Second call
    .help = During a call another may ring; off: it is refused as busy, or sent on.
    .keywords = call waiting busy second
setting-auto-answer = Auto-answer
    .help = Answers by itself: never, if the caller asks for it (intercom), or always. Never during another call.
    .keywords = auto answer intercom paging alert-info call-info
setting-forward-always = Forward all calls
    .help = Every call goes to this number; nothing rings here.
    .keywords = forward divert redirect unconditional
setting-forward-busy = Forward when busy
    .help = Where a call goes during another call without "second call", and under "do not disturb".
    .keywords = forward divert redirect busy
setting-forward-no-answer = Forward when nobody answers
    .help = Where a call goes that nobody answers in time.
    .keywords = forward divert redirect no answer
setting-forward-after = Nobody answers after
    .help = How long it rings before the call is sent on.
    .keywords = forward time seconds
setting-voicemail = Voicemail number
    .help = What is called to hear the messages; without it, where the server says.
    .keywords = voicemail mwi messages box
setting-favourites = Favourites
    .help = Numbers to see busy or free, with a comma between them: 102 Anna, 103. The server must tell it (BLF).
    .keywords = blf busy lamp field colleagues watch presence hint
setting-pickup = Pickup code
    .help = What is dialled before a favourite’s number to pick up a call there, e.g. *8. Without it the call is taken over, if the server tells which.
    .keywords = pickup *8 blf intercept
setting-record = Call recording
    .help = Every call is recorded by itself.
    .keywords = record recording
setting-record-chat = Chat for recordings
    .help = Recordings are sent there; if none is chosen, to Saved Messages.
    .keywords = telegram chat channel record
setting-record-keep = Keep recordings here
    .help = A recording that was sent to Telegram stays on this computer, too.
    .keywords = record keep file folder local
setting-user = User
    .help = Who calls with this account, if not you.
    .keywords = telegram employee assign share
setting-callback = Callback
    .help = A number from the dial chat first rings here, and is dialled when you answer.
    .keywords = telegram dial chat

# Why a value does not fit

reason-host-empty = there is no server name
reason-host-space = there is a space in the server name
reason-host-user = only the server is needed, without a user and @
reason-host-extra = only server and port are needed, not a link or parameters
reason-host-brackets = an IPv6 address needs square brackets
reason-host-ipv6 = what stands in brackets is not an IPv6 address
reason-host-ipv4 = this is not an IPv4 address
reason-host-port = a port is a number from 1 to 65535
reason-host-name = a server name has only Latin letters, digits, dots and hyphens
reason-secret = the password is changed separately
reason-unknown-setting = there is no such setting
reason-too-long = too long
reason-control = there is an invisible character or a line break inside
reason-login-domain = a login has no @; put what follows it into the domain
reason-login-space = there is a space in the login
reason-fingerprint = a SHA-256 fingerprint is 64 hexadecimal digits
reason-switch = on or off
reason-transport = udp, tcp or tls
reason-encryption = off, optional or required
reason-key-exchange = auto, sdes or dtls
reason-keys-certificate = the certificate is not the one that was announced, somebody may be listening in between
reason-keys-timeout = the other side does not answer
reason-keys-refused = the other side refused the handshake
reason-list-empty = at least one is needed
reason-choice = there is no such choice
reason-host = this is not the address of a server
reason-no-value = name=value is needed
reason-password-argument = a password is not written into a command; enter it when asked, or use --password-stdin
reason-codec = there are only opus, g722, alaw and ulaw
reason-dtmf = there are only rfc2833, info and inband
reason-ptime = there are only 10, 20, 40 and 60
reason-bitrate = auto, or a number from 6 to 510
reason-party = an identifier and a name are needed
reason-worker-unknown = there is no such worker
reason-telegram-needed = sign in to Telegram first
reason-party-unknown = there is nobody like that in Telegram
reason-party-several = more than one fits, be more exact
reason-template-unknown = there is no such template

# Dial rules

rules-replaced = { $rule }: { $before } → { $after }
rules-unchanged = { $rule }: nothing to replace
rules-passed = { $rule }: matches
rules-refused = { $rule }: does not match
rules-stopped = { $rule }: { $reason }
rules-nothing = nothing
rules-dial = { $number } will be dialled
rules-filtered = { $number } will not be dialled
rules-empty = Nothing is left of the number to dial
rules-invalid = The rules cannot be used: { $reason }.
rules-invalid-rule = The rule “{ $rule }” cannot be used, character { $at }: { $reason }.

reason-number = This is not a number or address.
reason-forward-after = Seconds from 5 to 120.
reason-auto-answer = One of: off, asked, always.
reason-rules = the rule { $rule }, character { $at }: { $why }
reason-rule-unclosed-group = the bracket ( is not closed
reason-rule-unopened-group = the bracket ) was not opened
reason-rule-unclosed-class = the bracket [ is not closed
reason-rule-range = a wrong range in [ ], the lower character comes first: [0-9]
reason-rule-nothing-to-repeat = there is nothing to repeat before *, + or ?
reason-rule-count = repetitions are written {"{"}3{"}"}, {"{"}3,{"}"} or {"{"}3,5{"}"}
reason-rule-backslash = nothing follows the \
reason-rule-escape = there is no such character with \
reason-rule-group = what follows (? is not known
reason-rule-property = there is no such Unicode property
reason-rule-no-group = there is no such group in brackets
reason-rule-replacement = to the right of =, only a digit from 1 to 9, s or a sign can follow \
reason-rule-look-behind = (?<= and (?<! need a known length, without * and +
reason-rule-unsupported = such an expression does not work here
reason-rule-expression = this is not a regular expression
reason-rule-too-big = the expression is too big
reason-rule-too-many = there are more than 64 rules
reason-rule-text-long = the text is longer than 4096 characters
reason-rule-attempts = there is too much to try on this number
reason-rule-number-long = the number is longer than 128 characters

# Why a file cannot be read or written

reason-file-no-home = the system has no home folder, name a profile folder
reason-file-in-use = another Gudok uses this profile
reason-file-newer = a newer Gudok wrote it
reason-file-too-large = it is too large
reason-file-not-text = it is not text

# Why passwords cannot be used

reason-secrets-none = the system has no password store
reason-secrets-timeout = it does not answer
reason-secrets-passphrase = a passphrase is needed
reason-secrets-wrong-passphrase = the passphrase does not fit

# Time

retry-in = Next try in { $seconds ->
        [one] { $seconds } second
       *[other] { $seconds } seconds
    }

# Templates of providers

template-group-ru = In Russia
template-group-world = Elsewhere
template-group-pbx = A PBX of one's own
reason-template-key = there is no such key in a template
reason-template-id = an id of a-z, 0-9 and dashes is needed, at most 64
reason-template-name = a name is needed
reason-template-group = there are only ru, world and pbx
reason-template-text = this must be a text in quotes
reason-template-list = this must be a list of texts in brackets
reason-template-languages = a text, or both languages: en and ru
reason-template-twice = this id is there twice
reason-template-many = more than 2000 templates
