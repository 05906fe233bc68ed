# What went wrong

problem-telegram-needs-api = Telegram does not know this program: there is no api_id and api_hash.
    .next = Enter them on the Telegram page.
    .short = no api_id and api_hash

problem-telegram-api = Telegram did not accept the api_id and api_hash.
    .next = Copy them from my.telegram.org once more, in full.
    .short = api_id or api_hash not accepted

problem-telegram-phone = Telegram knows no such number.
    .next = Enter the number with its country code, such as +44 20 7946 0958.
    .short = not a telephone number

problem-telegram-no-account = There is no Telegram account with this number.
    .next = Check the number, or sign up in Telegram on a telephone.
    .short = no such account

problem-telegram-banned = Telegram has banned or deleted this account.
    .next = Write to Telegram's support: recover@telegram.org.
    .short = the account is banned

problem-telegram-code = The code is wrong.
    .next = Check the code and enter it again.
    .short = wrong code

problem-telegram-code-expired = The code has expired.
    .next = Sign in again: a new code will come.
    .short = the code has expired

problem-telegram-password = The Telegram password is wrong.
    .next = { $hint ->
        [none] Enter the cloud password again; it can be reset in Telegram on a telephone.
       *[other] Enter the cloud password again. Your hint: { $hint }.
    }
    .short = wrong password

problem-telegram-flood = { $seconds ->
        [0] Too many attempts: Telegram wants you to wait.
        [one] Too many attempts: Telegram wants you to wait { $seconds } second.
       *[other] Too many attempts: Telegram wants you to wait { $seconds } seconds.
    }
    .next = { $seconds ->
        [0] Try again tomorrow.
       *[other] Wait and try again.
    }
    .short = Telegram wants you to wait

problem-telegram-unreachable = Telegram cannot be reached.
    .next = Check the internet and whether Telegram is blocked; if you are signed in, Gudok will connect by itself.
    .short = Telegram cannot be reached

problem-telegram-signed-out = This device was signed out of Telegram from another one.
    .next = Sign in again.
    .short = signed out from another device

problem-telegram-not-now = Telegram cannot do this now.
    .next = Finish signing in or cancel it, or sign out first.
    .short = not possible now

problem-telegram-unsupported = Telegram asks for a way to sign in that Gudok does not know.
    .next = Sign in with a QR code.
    .short = this way to sign in is not supported

problem-telegram-chat-gone = { $chat ->
        [none] Telegram knows no such chat.
       *[other] The chat “{ $chat }” is not there any more.
    }
    .next = Choose another chat on the page of the line, then send it again from the Telegram page.
    .short = the chat is gone

problem-telegram-may-not-post = { $chat ->
        [none] Posting to this chat is not allowed.
       *[other] Posting voice messages to “{ $chat }” is not allowed.
    }
    .next = Ask its administrator for the right to post, or choose another chat on the page of the line; then send it again from the Telegram page.
    .short = no right to post

problem-telegram-other-account = It was recorded while somebody else was signed in to Telegram.
    .next = Sign in as that person, or send it again from the Telegram page in your own name.
    .short = of another Telegram account

problem-telegram-refused = { $code ->
        [0] Telegram's answer made no sense: { $reason }.
       *[other] Telegram refused: { $code } { $reason }.
    }
    .next = Try again later.
    .short = Telegram refused

reason-not-recording = this is no recording in Ogg Opus
reason-telegram-session = the Telegram session cannot be read, sign in again
reason-telegram-phone = this is no telephone number
reason-telegram-api-id = it is a number from my.telegram.org
reason-telegram-api-hash = it has 32 characters, digits and letters from a to f

# The page

nav-telegram = Telegram

telegram-saved = Saved Messages
telegram-words = Call recordings, dialling from a chat, and the names of callers. Gudok calls without Telegram, too.
telegram-phone = Phone number
telegram-phone-hint = +44 20 7946 0958
telegram-send-code = Get a code
telegram-by-qr = Sign in with a QR code
telegram-by-qr-note = with a telephone where Telegram is open
telegram-by-phone = Sign in by number
telegram-cancel = Cancel
telegram-connecting = Connecting to Telegram…

telegram-code-title = Enter the code
telegram-code = Code
telegram-code-app = The code came to Telegram on another device of yours.
telegram-code-sms = The code came by SMS.
telegram-code-call = You will be called and told the code.
telegram-code-missed-call = You will be called from { $prefix }…: the code is the last digits of that number.
telegram-code-email = The code came by e-mail to { $address }.
telegram-code-fragment = The code waits at { $url }.
telegram-code-enter = Sign in
telegram-code-again = Send it another way

telegram-password-title = Cloud password
telegram-password-words = Two-step verification is on for this account.
telegram-password-hint = hint: { $hint }
telegram-password = Password
telegram-password-enter = Sign in

telegram-qr-title = Scan the code
telegram-qr-words = On the telephone: Telegram → Settings → Devices → Link Desktop Device.
telegram-qr = QR code to sign in to Telegram

telegram-online = connected
telegram-offline = no connection, reconnecting
telegram-signed-in = Telegram connected
telegram-signed-in-offline = Telegram: no connection
telegram-lists = Chats and people
telegram-chats-count = { $count ->
        [one] { $count } chat to post to
       *[other] { $count } chats to post to
    }
telegram-people-count = { $count ->
        [one] { $count } person
       *[other] { $count } people
    }
telegram-refresh = Refresh
telegram-refreshing = Refreshing…
telegram-sign-out = Sign out
telegram-sign-out-sure = Sign out of Telegram?
telegram-sign-out-note = Recordings will no longer go to a chat, and a chat can no longer dial. The session ends at Telegram as well.
telegram-sign-out-not = Stay

telegram-api-title = Key of the program
telegram-api-words = Open my.telegram.org, sign in with your number and choose “API development tools”. Create an application with any name and copy its api_id and api_hash here.
telegram-api-change = Another api_id
telegram-api-keep = Save
telegram-api-id = api_id
telegram-api-hash = api_hash

# The command line

cli-telegram-phone = { "Phone number: " }
cli-telegram-code = { "Code: " }
cli-telegram-password = { "Cloud password: " }
cli-telegram-password-hint = { "Cloud password" } ({ $hint }):{" "}
cli-telegram-api-hash = { "api_hash: " }
cli-telegram-scan = Scan this: Telegram → Settings → Devices → Link Desktop Device. Ctrl-C cancels.
cli-telegram-in = You are signed in to Telegram: { $name }.
cli-telegram-in-offline = You are signed in to Telegram ({ $name }), but there is no connection now.
cli-telegram-out = You are not signed in to Telegram. Sign in: gudok telegram sign-in
cli-telegram-needs-api = You are not signed in to Telegram. First set the key from my.telegram.org: gudok telegram api NUMBER
cli-telegram-signed-out = You have signed out of Telegram.

# What is written to a chat

note-incoming = Incoming call, line “{ $line }”
note-outgoing = Outgoing call, line “{ $line }”

# What waits to be sent

telegram-queue = Waiting to be sent
telegram-queue-empty = Nothing waits to be sent.
telegram-queue-count = { $count ->
        [one] { $count } message waits
       *[other] { $count } messages wait
    }
telegram-send-again = Send again
telegram-send-all-again = Send all { $count } again
telegram-drop-post = Don't send
telegram-post-note = Note
telegram-post-recording = being recorded
telegram-post-waiting = waiting
telegram-post-sending = being sent
telegram-post-refused = can't be sent

history-send = Send to Telegram
history-sent-to = { $chat ->
        [none] Recording: in Telegram, Saved Messages
       *[other] Recording: in Telegram, “{ $chat }”
    }
note-caller = { $who } is calling, line “{ $line }”
note-missed = Missed call: { $who }, line “{ $line }”
note-line-trouble = Your line “{ $line }” does not work for me since { $since }. { $what }
note-line-well = Your line “{ $line }” works again.
note-dial-late = { $number } was not dialled: the message came too late. Write it again to call.
note-dial-question = Which line is { $number } to go over?
note-dial-answer = Answer with the number of the line.
note-dial-declined = Not dialled: declined at the computer.
note-dial-lapsed = Not dialled: nobody answered at the computer.
note-dial-talked = answered, { $length }
note-dial-unanswered = ended before it was answered

# The dial chat

dial-chat = Dial chat
dial-chat-on = Dial numbers from a chat
dial-chat-note = Write a number to this chat from any device, and Gudok calls it here. A line with Callback rings this computer first; otherwise it waits for a click.
dial-chat-which = Chat
dial-chat-choose = Choose the chat
dial-chat-callers = Write who is calling
dial-chat-missed = Write of missed calls
request-heading = From the dial chat · { $line }
request-rings = Answer and it is dialled · { $line }
request-dial = Dial
request-dismiss = Don't dial
cli-request = { $id }  { $target }  over { $line }
