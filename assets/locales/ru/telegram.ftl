# Что пошло не так

problem-telegram-needs-api = Telegram не знает эту программу: нет api_id и api_hash.
    .next = Введите их на странице Telegram.
    .short = нет api_id и api_hash

problem-telegram-api = Telegram не принял api_id и api_hash.
    .next = Скопируйте их с my.telegram.org ещё раз, целиком.
    .short = api_id или api_hash не подошёл

problem-telegram-phone = Telegram не знает такого номера.
    .next = Введите номер с кодом страны, например +7 926 123-45-67.
    .short = это не номер телефона

problem-telegram-no-account = С этим номером нет аккаунта в Telegram.
    .next = Проверьте номер или зарегистрируйтесь в Telegram на телефоне.
    .short = нет такого аккаунта

problem-telegram-banned = Telegram заблокировал или удалил этот аккаунт.
    .next = Напишите в поддержку Telegram: recover@telegram.org.
    .short = аккаунт заблокирован

problem-telegram-code = Код не подошёл.
    .next = Проверьте код и введите его ещё раз.
    .short = код не подошёл

problem-telegram-code-expired = Код устарел.
    .next = Войдите заново: придёт новый код.
    .short = код устарел

problem-telegram-password = Пароль Telegram не подошёл.
    .next = { $hint ->
        [none] Введите облачный пароль ещё раз; сбросить его можно в Telegram на телефоне.
       *[other] Введите облачный пароль ещё раз. Ваша подсказка: { $hint }.
    }
    .short = пароль не подошёл

problem-telegram-flood = { $seconds ->
        [0] Слишком много попыток: Telegram просит подождать.
        [one] Слишком много попыток: Telegram просит подождать { $seconds } секунду.
        [few] Слишком много попыток: Telegram просит подождать { $seconds } секунды.
       *[many] Слишком много попыток: Telegram просит подождать { $seconds } секунд.
    }
    .next = { $seconds ->
        [0] Попробуйте завтра.
       *[other] Подождите и повторите.
    }
    .short = Telegram просит подождать

problem-telegram-unreachable = Telegram недоступен.
    .next = Проверьте интернет и не закрыт ли доступ к Telegram; если вход уже выполнен, Gudok подключится сам.
    .short = Telegram недоступен

problem-telegram-signed-out = Этот вход в Telegram завершили на другом устройстве.
    .next = Войдите заново.
    .short = вход завершён на другом устройстве

problem-telegram-not-now = Сейчас этого в Telegram сделать нельзя.
    .next = Закончите или отмените вход, либо сначала выйдите.
    .short = сейчас нельзя

problem-telegram-unsupported = Telegram просит войти способом, которого Gudok не знает.
    .next = Войдите по QR-коду.
    .short = такой вход не поддерживается

problem-telegram-chat-gone = { $chat ->
        [none] Telegram не знает такого чата.
       *[other] Чата «{ $chat }» больше нет.
    }
    .next = Выберите другой чат на странице линии и отправьте заново на странице Telegram.
    .short = чата больше нет

problem-telegram-may-not-post = { $chat ->
        [none] Писать в этот чат нельзя.
       *[other] Отправлять голосовые сообщения в «{ $chat }» нельзя.
    }
    .next = Попросите у администратора право писать или выберите другой чат на странице линии; потом отправьте заново на странице Telegram.
    .short = нет права писать

problem-telegram-other-account = Записано, когда в Telegram был другой человек.
    .next = Войдите его аккаунтом или отправьте заново от своего имени на странице Telegram.
    .short = от другого аккаунта Telegram

problem-telegram-refused = { $code ->
        [0] Telegram ответил непонятно: { $reason }.
       *[other] Telegram ответил отказом: { $code } { $reason }.
    }
    .next = Повторите позже.
    .short = Telegram отказал

reason-not-recording = это не запись в Ogg Opus
reason-telegram-session = вход в Telegram не читается, войдите заново
reason-telegram-phone = на номер телефона это не похоже
reason-telegram-api-id = это число с my.telegram.org
reason-telegram-api-hash = это 32 знака: цифры и буквы от a до f

# Страница

nav-telegram = Telegram

telegram-saved = Избранное
telegram-words = Записи разговоров, набор номера из чата и имена звонящих. Без Telegram Гудок тоже звонит.
telegram-phone = Телефон
telegram-phone-hint = +7 926 123-45-67
telegram-send-code = Получить код
telegram-by-qr = Войти по QR-коду
telegram-by-qr-note = телефоном, где Telegram уже открыт
telegram-by-phone = Войти по номеру
telegram-cancel = Отмена
telegram-connecting = Подключаемся к Telegram…

telegram-code-title = Введите код
telegram-code = Код
telegram-code-app = Код пришёл в Telegram на другом вашем устройстве.
telegram-code-sms = Код пришёл в SMS.
telegram-code-call = Вам позвонят и продиктуют код.
telegram-code-missed-call = Вам позвонят с номера { $prefix }…: код — последние цифры этого номера.
telegram-code-email = Код пришёл на почту { $address }.
telegram-code-fragment = Код ждёт на { $url }.
telegram-code-enter = Войти
telegram-code-again = Прислать иначе

telegram-password-title = Облачный пароль
telegram-password-words = В этом аккаунте включена двухэтапная проверка.
telegram-password-hint = подсказка: { $hint }
telegram-password = Пароль
telegram-password-enter = Войти

telegram-qr-title = Отсканируйте код
telegram-qr-words = На телефоне: Telegram → Настройки → Устройства → Подключить устройство.
telegram-qr = QR-код для входа в Telegram

telegram-online = подключён
telegram-offline = нет связи, подключаемся
telegram-signed-in = Telegram подключён
telegram-signed-in-offline = Telegram: нет связи
telegram-lists = Чаты и люди
telegram-chats-count = { $count ->
        [one] { $count } чат, куда можно писать
        [few] { $count } чата, куда можно писать
       *[many] { $count } чатов, куда можно писать
    }
telegram-people-count = { $count ->
        [one] { $count } человек
        [few] { $count } человека
       *[many] { $count } человек
    }
telegram-refresh = Обновить
telegram-refreshing = Обновляем…
telegram-sign-out = Выйти
telegram-sign-out-sure = Выйти из Telegram?
telegram-sign-out-note = Записи перестанут уходить в чат, а из чата нельзя будет звонить. Сеанс завершится и в самом Telegram.
telegram-sign-out-not = Остаться

telegram-api-title = Ключ программы
telegram-api-words = Откройте my.telegram.org, войдите по номеру и выберите «API development tools». Создайте приложение с любым названием и перенесите сюда api_id и api_hash.
telegram-api-change = Другой api_id
telegram-api-keep = Сохранить
telegram-api-id = api_id
telegram-api-hash = api_hash

# Командная строка

cli-telegram-phone = { "Номер телефона: " }
cli-telegram-code = { "Код: " }
cli-telegram-password = { "Облачный пароль: " }
cli-telegram-password-hint = { "Облачный пароль" } ({ $hint }):{" "}
cli-telegram-api-hash = { "api_hash: " }
cli-telegram-scan = Отсканируйте: Telegram → Настройки → Устройства → Подключить устройство. Ctrl-C отменит.
cli-telegram-in = Вы вошли в Telegram: { $name }.
cli-telegram-in-offline = Вы вошли в Telegram ({ $name }), но связи сейчас нет.
cli-telegram-out = Вы не вошли в Telegram. Войдите: gudok telegram sign-in
cli-telegram-needs-api = Вы не вошли в Telegram. Сначала задайте ключ с my.telegram.org: gudok telegram api ЧИСЛО
cli-telegram-signed-out = Вы вышли из Telegram.

# Что пишется в чат

note-incoming = Входящий, линия «{ $line }»
note-outgoing = Исходящий, линия «{ $line }»

# Что ждёт отправки

telegram-queue = Ждут отправки
telegram-queue-empty = Ничто не ждёт отправки.
telegram-queue-count = { $count ->
        [one] { $count } сообщение в очереди
        [few] { $count } сообщения в очереди
       *[many] { $count } сообщений в очереди
    }
telegram-send-again = Отправить заново
telegram-send-all-again = Отправить все заново: { $count }
telegram-drop-post = Не отправлять
telegram-post-note = Заметка
telegram-post-recording = записывается
telegram-post-waiting = ждёт
telegram-post-sending = отправляется
telegram-post-refused = не отправляется

history-send = Отправить в Telegram
history-sent-to = { $chat ->
        [none] Запись: в Telegram, «Избранное»
       *[other] Запись: в Telegram, «{ $chat }»
    }
note-caller = Звонит { $who }, линия «{ $line }»
note-missed = Пропущенный звонок: { $who }, линия «{ $line }»
note-line-trouble = Ваша линия «{ $line }» не работает у меня с { $since }. { $what }
note-line-well = Ваша линия «{ $line }» снова работает.
note-dial-late = { $number } не набран: сообщение пришло слишком поздно. Чтобы позвонить, напишите его ещё раз.
note-dial-question = По какой линии набрать { $number }?
note-dial-answer = Ответьте номером линии.
note-dial-declined = Не набран: отклонено на компьютере.
note-dial-lapsed = Не набран: на компьютере никто не ответил.
note-dial-talked = ответили, { $length }
note-dial-unanswered = завершён до ответа

# Чат набора

dial-chat = Чат набора
dial-chat-on = Набирать номера из чата
dial-chat-note = Напишите номер в этот чат с любого устройства, и Gudok позвонит отсюда. Линия с Callback сначала звонит вам; без него номер ждёт нажатия.
dial-chat-which = Чат
dial-chat-choose = Выбрать чат
dial-chat-callers = Писать, кто звонит
dial-chat-missed = Писать о пропущенных
request-heading = Из чата набора · { $line }
request-rings = Ответьте, и номер будет набран · { $line }
request-dial = Набрать
request-dismiss = Не надо
cli-request = { $id }  { $target }  по линии { $line }
