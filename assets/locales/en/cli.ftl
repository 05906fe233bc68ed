cli-none = none
cli-microphones = Microphones:
cli-speakers = Speakers:
cli-no-accounts = No accounts yet. Add one: gudok account add Office login=101 domain=pbx.example.com
cli-password = { "Password: " }
cli-not-running = No Gudok runs on this profile. Start one: gudok or gudok run --headless
cli-answer-ready = Waiting for calls. Ctrl-C stops.
cli-run-ready = Gudok is running. Ctrl-C stops it.
cli-call-done = The call is over: { $seconds } s, codec { $codec }, packets received { $received }, lost { $lost }.
cli-demo-heard = The echo came back after { $delay } ms, codec { $codec }: calling works.
cli-demo-not-heard = The call went through, but no echo came back. See whether a firewall on this computer is in the way.
cli-account-waits = Not in force yet: `gudok account apply` does it now; a running Gudok does it by itself in 5 minutes.
cli-passphrase = { "Passphrase: " }
cli-templates-none = Nothing found. All templates: gudok templates
cli-templates-imported = Templates added: { $count }.
cli-template-missing = To be given: { $text }
cli-template-login = The login is: { $text }
cli-template-note = Note: { $text }
cli-template-source = Read from: { $text }
cli-template-checked = Checked: { $text }
cli-history-exported = Calls in the table: { $count }.
cli-history-none = No calls found.
cli-voicemail-none = No voicemail is known of.
cli-favourites-none = No numbers are watched: gudok account set NAME favourites="102 Anna, 103"
