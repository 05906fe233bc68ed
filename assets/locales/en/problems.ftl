# What happened and what to do: one short sentence each.

problem-wrong-password = The login or password was not accepted.
    .next = Check the login and enter the password again.
    .short = login or password not accepted

problem-wrong-parameters = Not filled in: { $fields }.
    .next = Fill in these fields and the account will come on.
    .short = not all fields are filled in

problem-unknown-host = There is no server { $host }.
    .next = Check the domain for a typo, and whether the internet works.
    .short = there is no such server

problem-server-down = The server { $host } takes no connections.
    .next = Check the port and the transport, or wait: it will be tried again by itself.
    .short = the server takes no connections

problem-no-answer-from-server = The server { $host } does not answer.
    .next = Try another transport, or wait: it will be tried again by itself.
    .short = the server does not answer

problem-certificate-not-trusted = The certificate of { $host } cannot be trusted: { $reason }.
    .next = { $fingerprint ->
        [none] Ask the server's administrator when the certificate will be fixed.
       *[other] Compare the fingerprint with the administrator and pin the certificate: { $fingerprint }.
    }
    .short = the certificate cannot be trusted

problem-certificate-wrong-name = The server's certificate is not made out to { $host }.
    .next = Check the domain; if it is right, compare the fingerprint and pin the certificate: { $fingerprint }.
    .short = the certificate is for another server

problem-no-common-codec = You and the other side have no codec in common.
    .next = Switch on more codecs in the account, alaw and ulaw first; if the other side wants encryption, set it to required.
    .short = no common codec

problem-not-encrypted = The other side does not encrypt the sound, and the line wants it encrypted.
    .next = Set “Encryption of sound” to “if possible” to talk without it, or try another way in “Keys of encryption”.
    .short = sound would not be encrypted

problem-encryption-not-allowed = The other side insists on encrypted sound, and the line does not allow it, or not its way.
    .next = Set “Encryption of sound” to “if possible”; with keys by SDES the line needs transport TLS, or “Keys of encryption” set to SDES.
    .short = encrypted sound is not allowed

problem-no-keys = The sound could not be encrypted: { $reason }.
    .next = Call again; if it stays, try another way in “Keys of encryption”.
    .short = no keys for encryption

problem-busy = Busy.
    .next = Call again later.
    .short = busy

problem-redirected = The number has moved: { $contacts }.
    .next = Call the new address if you trust it.
    .short = the number has moved

problem-declined = The call was declined.
    .next = Call again later.
    .short = declined

problem-not-found = There is no such number.
    .next = Check the number.
    .short = there is no such number

problem-unavailable = Nobody answers, or they are not online.
    .next = Call again later.
    .short = nobody answers

problem-forbidden = { $reason ->
        [none] The server forbids this call.
       *[other] The server forbids this call: { $reason }.
    }
    .next = Ask your provider whether you may call this number and whether your balance allows it.
    .short = the server forbids it

problem-refused = The server refused: { $status }{ $reason ->
        [none] .
       *[other] {" "}{ $reason }.
    }
    .next = Try again later; if that does not help, tell your provider this code.
    .short = the server refused

problem-no-network = There is no network.
    .next = Check the connection: Gudok will connect by itself once the network is back.
    .short = no network

problem-media-timeout = The sound from the other side stopped arriving.
    .next = Call again; if it happens again, check the network.
    .short = the sound was lost

problem-no-microphone = There is no microphone.
    .next = Plug one in or choose another in the sound settings.
    .short = no microphone

problem-no-speaker = There is no speaker or headphones.
    .next = Plug in headphones or choose another device in the sound settings.
    .short = no speaker

problem-device = The device “{ $device }” could not be opened: { $reason }.
    .next = Close the programs that hold it or choose another device.
    .short = the device could not be opened

problem-device-lost = “{ $device }” is gone{ $instead ->
        [none] .
       *[other] : the sound goes through “{ $instead }” now.
    }
    .next = Plug it in again and it takes over by itself, or choose another device.
    .short = the device is gone

problem-invalid-number = “{ $input }” is not a number or address.
    .next = Enter a number, or an address such as name@server.
    .short = not a number

problem-no-line = There is no line for this number.
    .next = { $reasons ->
        [none] Add an account or call the test line.
       *[other] Check the accounts: { $reasons }.
    }
    .short = no line

problem-unknown = { $what ->
        [account] There is no such account.
        [call] There is no such call any more.
        [device] There is no such device.
       *[other] Not found: { $what }.
    }
    .next = { $what ->
        [account] Choose an account from the list.
        [call] Choose a call from the list.
        [device] Choose a device from the list.
       *[other] Refresh the list and choose again.
    }
    .short = not found

problem-bad-value = { $setting }: { $reason }.
    .next = Correct the value; the old one is still in force.
    .short = the value does not fit

problem-wrong-state = This cannot be done now.
    .next = Wait until the call is in another state and try again.
    .short = not possible now

problem-transfer-refused = The other side does not transfer calls.
    .next = Connect the two calls into a conference, or tell the number.
    .short = transfers are not taken

problem-nothing-dialled = Nothing was dialled yet.
    .next = Type a number and call.
    .short = nothing to redial

problem-conference-full = There are { $most } calls in the conference already.
    .next = Split off or end one of them to add another.
    .short = the conference is full

problem-key-store = The password store cannot be used: { $reason }.
    .next = Unlock the system's password store, or choose to keep passwords in a file.
    .short = the password store cannot be used

problem-recording = The call is not being recorded: { $reason }.
    .next = Free some space or check the rights on { $path }; what was recorded is kept, the call goes on.
    .short = the call is not being recorded

problem-recording-locked = The owner of the line has its calls recorded.
    .next = Ask the owner to switch recording off if it is not needed.
    .short = the owner has its calls recorded

reason-disk-full = the disk is full
reason-not-allowed = writing to this folder is not allowed
reason-ring-large = it is too large for a ring
reason-ring-silent = nothing can be heard in it
reason-ring-unknown = it is neither WAV nor Ogg Opus

problem-file = Something is wrong with the file { $path }: { $reason }.
    .next = Check the free disk space and the rights on this file.
    .short = the file cannot be used

problem-several-lines = Several lines can take this number: { $lines }.
    .next = Choose one of them (--account in a command), or set a line for such cases.
    .short = several lines fit

problem-line-off = The line is off.
    .next = Switch it on.
    .short = off

problem-line-not-ready = The line is not registered yet.
    .next = Wait a moment and call again.
    .short = not registered yet

problem-filtered-by-rule = The dial rule { $rule } does not let this number through.
    .next = Choose another line or change the line's dial rules.
    .short = the dial rules do not let this number through

problem-emptied-by-rules = The dial rules leave nothing of this number.
    .next = Choose another line or change the line's dial rules.
    .short = the dial rules leave nothing of this number

problem-rule-too-costly = The dial rule { $rule } cannot cope with this number.
    .next = Make the rule simpler, or choose another line.
    .short = a dial rule cannot cope with this number

problem-not-owner = Only { $owner } can change this line.
    .next = Ask the owner to change it.
    .short = only the owner can do this
