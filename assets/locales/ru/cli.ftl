cli-none = нет
cli-microphones = Микрофоны:
cli-speakers = Динамики:
cli-no-accounts = Аккаунтов пока нет. Добавьте: gudok account add Офис login=101 domain=pbx.example.ru
cli-password = { "Пароль: " }
cli-not-running = Gudok с этим профилем не запущен. Запустите его: gudok или gudok run --headless
cli-answer-ready = Жду звонков. Ctrl-C остановит.
cli-run-ready = Gudok работает. Ctrl-C остановит.
cli-call-done = Разговор окончен: { $seconds } с, кодек { $codec }, получено пакетов { $received }, потеряно { $lost }.
cli-demo-heard = Эхо вернулось через { $delay } мс, кодек { $codec }: звонок работает.
cli-demo-not-heard = Звонок состоялся, но эхо не вернулось. Проверьте, не мешает ли сетевой экран на этом компьютере.
cli-account-waits = Пока не в силе: `gudok account apply` применит сейчас; запущенный Gudok применит сам через 5 минут.
cli-passphrase = { "Парольная фраза: " }
cli-templates-none = Ничего не нашлось. Все шаблоны: gudok templates
cli-templates-imported = Добавлено шаблонов: { $count }.
cli-template-missing = Осталось указать: { $text }
cli-template-login = Логин — это { $text }
cli-template-note = Важно: { $text }
cli-template-source = Источник: { $text }
cli-template-checked = Проверено: { $text }
cli-history-exported = Звонков в таблице: { $count }.
cli-history-none = Звонков не нашлось.
cli-voicemail-none = О голосовой почте ничего не известно.
cli-favourites-none = Нет избранных: gudok account set ИМЯ favourites="102 Анна, 103"
