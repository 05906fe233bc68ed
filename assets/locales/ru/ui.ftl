app-name = Гудок

# Куда пойти

nav-phone = Телефон
nav-lines = Линии
nav-settings = Настройки

do-not-disturb = Не беспокоить
do-not-disturb-hint = { $command }+D
voicemail-new = { $count ->
        [one] { $count } новое голосовое сообщение
        [few] { $count } новых голосовых сообщения
       *[many] { $count } новых голосовых сообщений
    }
voicemail-waiting = Новые голосовые сообщения
favourites = Избранные
favourite-free = свободен
favourite-ringing = ему звонят
favourite-ringing-by = звонит { $caller }
favourite-busy = занят
favourite-unknown = состояние неизвестно
favourite-pick-up = Перехватить звонок: { $name }
notice-dismiss = Скрыть

# Первый запуск

first-heading = Послушайте гудок
first-words = Позвоним на тестовую линию прямо в этом компьютере: без аккаунта и без интернета. Вы услышите себя.
first-call = Позвонить на тестовую линию
first-add-line = Добавить свою линию
first-add-line-note = логин и пароль от оператора или АТС

# Телефон

phone-number = Номер или адрес
phone-number-hint = Номер или адрес
phone-erase = Стереть последний знак
phone-call = Позвонить
phone-will-dial = наберётся
phone-over-line = линия { $line }
phone-over-any = линию спросим
phone-any-line = Спросить, если нужно
phone-call-hint = Выбрать линию: { $command }+Enter или Shift и нажатие
phone-not-a-number = на номер или адрес не похоже
phone-no-line = линий пока нет: добавьте свою
phone-no-ready-line = ни одна линия не готова

test-line = Тестовая линия
test-line-call = Услышать себя
test-line-note = без аккаунта и без интернета

strangers-refused = { $count ->
        [one] Отклонён { $count } звонок от незнакомого сервера
        [few] Отклонено { $count } звонка от незнакомых серверов
       *[many] Отклонено { $count } звонков от незнакомых серверов
    }

# Звонки

call-dialing = вызываем…
call-ringing = гудки…
call-early-media = гудки…
call-incoming = входящий
call-connecting = соединяем…
call-active = разговор
call-encrypted = Звук зашифрован: { $suite }, ключи через { $keys }
call-held = на удержании
call-held-by-peer = вас поставили на удержание
call-ended = Разговор окончен
call-missed = Пропущенный звонок
call-cancelled = Звонок отменён
call-ended-by-peer = собеседник положил трубку
call-being-forwarded = переадресуют…
call-queued = ждём в очереди…
call-forwarded-to = Переадресован: { $to }
call-diverted-by = переадресовал: { $by }
call-decline-busy = Я занят
call-decline-unavailable = Недоступен
call-deflect = Переадресовать…
call-deflect-number = На какой номер или адрес переадресовать
call-deflect-now = Переадресовать
call-over-line = линия { $line }
call-incoming-heading = Входящий
call-running = Идёт разговор
call-answer-holds = ответ поставит на удержание
call-answer = Ответить
call-decline = Отклонить
call-microphone = Микрофон
call-microphone-on = Микрофон включён
call-microphone-off = Микрофон выключен
call-heard = Слышно
call-not-heard = Не слышно
call-hold = Удержать
call-resume = Вернуться
call-join = Объединить разговоры
call-join-one = Объединить: { $name }
call-join-conference = Добавить в конференцию
call-joined = в конференции
call-conference = конференция: { $people }
call-silence = Заглушить
call-silence-off = Снова слышать
call-silenced = не слышно
call-part = Отделить
call-end-conference = Завершить всех
call-transfer = Перевести
call-transfer-number = На какой номер или адрес перевести
call-transfer-now = Перевести сейчас
call-transfer-connect = Соединить: { $first } и { $second }
call-transfer-asked = перевод на { $to }: просим…
call-transfer-trying = перевод на { $to }: звонит…
call-transfer-ringing = перевод на { $to }: гудки…
call-transfer-done = Звонок переведён: { $to }
call-transfer-failed = Перевести на { $to } не удалось: { $why }
call-asked = Вас просят позвонить: { $to }
call-asked-follow = Позвонить: { $to }
call-asked-refuse = Остаться здесь
call-tones = Тоны
call-tones-hint = Нажимайте клавиши или печатайте цифры: собеседник их услышит
call-tones-sent = Отправлено: { $digits }
call-tones-heard = Собеседник набрал: { $digits }
call-end = Завершить
call-follow = Позвонить: { $address }
call-redial = Набрать снова
call-back = Перезвонить
call-dismiss = Скрыть
call-record = Записать разговор
call-record-stop = Остановить запись
call-record-short = Запись
call-recording = идёт запись
call-recording-paused = запись на паузе
call-recording-locked = идёт запись: её включил владелец линии
call-recording-pause = Приостановить запись
call-recording-resume = Продолжить запись
call-recorded = Запись: { $path }
call-sip-status = ответ сервера: { $status }

quality-excellent = отлично
quality-good = хорошо
quality-fair = терпимо
quality-poor = плохо
quality-delay = { $ms } мс
quality-score = MOS { $mos }, худшая { $worst }; R { $rating }
quality-network = потери { $lost } %, джиттер { $jitter } мс, буфер { $buffer } мс
quality-bursts = потери пачками: { $ms } мс, в них теряется { $lost } %
quality-by-peer = собеседник теряет { $lost } % наших пакетов
quality-by-peer-score = собеседник теряет { $lost } % наших пакетов, слышит на MOS { $mos }

level-microphone = Громкость микрофона
level-speaker = Громкость собеседника

# Линии

line-ready = готова
line-ready-unregistered = готова, без регистрации
line-registering = подключается…
line-failed = нет связи
line-off = выключена

lines-add = Добавить
lines-add-this = Добавить линию
lines-new = Новая линия
lines-new-note = Логин, пароль и домен даёт оператор или администратор АТС.
lines-empty = Здесь будут ваши номера. Для первой линии нужны логин, пароль и домен от оператора или АТС.
lines-more = Ещё настройки
lines-less = Меньше настроек
lines-try-now = Попробовать сейчас
lines-trust = Доверять этому сертификату
lines-delete = Удалить линию
lines-delete-sure = Удалить линию «{ $line }»?
lines-delete-note = Её настройки и пароль будут стёрты с этого компьютера.
lines-removed = Линия «{ $line }» удалена
lines-restore = Вернуть
lines-delete-not = Оставить

hint-name = например, Офис
hint-login = например, 101
hint-certificate = путь к файлу PEM

password-show = Показать пароль
password-hide = Спрятать пароль
password-kept = сохранён

form-missing = заполните это поле
form-cancel = Отмена

# Страница линии

line-owner = владелец: { $owner }
line-owner-you = владелец: вы
line-used = Линию настраивает { $owner }. Вы можете по ней звонить.
line-records = Разговоры записываются
line-records-note = Так решил владелец линии: { $owner }.
line-call = Позвонить с этой линии

setting-waiting = { $name }, ещё не в силе

value-not-set = не задано
value-not-chosen = не выбран
value-by-server = как скажет сервер
value-off = выключено
value-auto-answer-off = выключен
value-auto-answer-asked = по просьбе
value-auto-answer-always = всегда
value-seconds = { $seconds } с
value-none = нет
value-set = задан
value-auto = авто
value-encryption-off = нет
value-encryption-optional = по возможности
value-encryption-required = обязательно
value-as-domain = как домен
value-as-login = как логин
value-inband = тоном
value-this-computer = Этот компьютер
value-me = я

order-up = { $name }: выше
order-down = { $name }: ниже
order-drag = { $name }: перетащить

draft-waits = Изменено: { $names }. Вступит в силу само через
draft-apply = Применить
draft-revert = Вернуть

choose-line-title = С какой линии позвонить?
choose-line-always = Всегда с этой линии

list-close = Закрыть
list-nothing = Ничего не нашлось

party-choose-chat = Выбрать чат
party-choose-user = Выбрать пользователя
party-search = Имя, @имя или телефон
party-sign-in = Сначала войдите в Telegram

template-title = Провайдер или АТС
template-search = Название или домен
template-missing = Осталось указать: { $names }
template-none = Без шаблона
template-keep = Сохранить как шаблон
template-keep-note = Логин и пароль в шаблон не попадут. Enter — сохранить, Esc — не сохранять
template-kept = Шаблон сохранён: он в списке провайдеров и АТС
template-name = Название шаблона

rules-try = Номер для проверки
rules-keep-hint = Enter — сохранить, Esc — оставить как было
rules-filtered-by = Эта линия номер не набирает: его не пропускает правило { $rule }

# Линии в файле

carry-in-open = Загрузить из файла…
carry-out-open = Сохранить в файл…
carry-in-title = Линии из файла
carry-out-title = Линии в файл
carry-in = Загрузить
carry-out = Сохранить
carry-path = Файл
carry-browse = Выбрать файл…
carry-with-passwords = С паролями
carry-with-passwords-note = Пароли закроет парольная фраза: без неё их не прочесть.
carry-passphrase = Парольная фраза
carry-passphrase-again = Фраза ещё раз
carry-passphrase-differs = фразы не совпали
carry-in-note = Нужна, если в файле есть пароли. Без неё загрузится всё, кроме них.
carry-in-done = { $count ->
        [one] Загружена { $count } линия
        [few] Загружены { $count } линии
       *[many] Загружено { $count } линий
    }
carry-out-done = { $count ->
        [one] Сохранена { $count } линия
        [few] Сохранены { $count } линии
       *[many] Сохранено { $count } линий
    }
carry-templates-open = Загрузить шаблоны…
carry-templates-title = Шаблоны из файла
carry-templates-done = { $count ->
        [one] Загружен { $count } шаблон
        [few] Загружены { $count } шаблона
       *[many] Загружено { $count } шаблонов
    }
carry-done = Готово

# Настройки программы

settings-language = Язык
settings-theme = Вид
settings-system = Системный
settings-theme-light = Светлый
settings-theme-dark = Тёмный
settings-calls = Звонки
settings-line = Линия для всех звонков
settings-line-ask = спрашивать
settings-sound = Звук
settings-meter-note = Скажите что-нибудь: полоска должна двигаться.
sound-echo = Подавление эха
sound-echo-note = Без наушников собеседник не слышит самого себя.
sound-noise = Подавление шума
sound-noise-note = Ровный шум становится тише: вентилятор, улица, гул.
sound-gain = Автоматическая громкость
sound-gain-note = Тихий голос становится громче, громкий — тише.

device-microphone = Микрофон
device-speaker = Динамик
device-ring = Звонок
device-system = Как в системе

try-microphone = Проверить микрофон
try-speaker = Проверить динамик
try-ring = Проверить звонок
try-stop = Хватит
try-listening = Скажите что-нибудь…
try-playback = А теперь послушайте себя.
try-playing = Слушайте…
device-away = { $device } (не подключено)

ring-tone = Мелодия звонка
ring-tone-note = Файл может быть WAV или Ogg Opus. Если он пропадёт, звучит первая мелодия.
ring-marimba = Маримба
ring-bell = Звонок
ring-chime = Перезвон
ring-choose-file = Выбрать файл…

sound-recording-tone = Сигнал при записи
sound-recording-tone-note = Оба слышат короткий сигнал, когда запись начинается, и каждые 15 с.
tones-country = Гудки, как в стране
tones-country-note = Вызов, «занято» и перегрузка звучат как на телефонах этой страны.
tones-system = По региону системы
tones-ru = Россия
tones-au = Австралия
tones-at = Австрия
tones-by = Беларусь
tones-cz = Чехия
tones-ch = Швейцария
tones-cn = Китай
tones-de = Германия
tones-ee = Эстония
tones-es = Испания
tones-fi = Финляндия
tones-fr = Франция
tones-gb = Великобритания
tones-il = Израиль
tones-it = Италия
tones-kz = Казахстан
tones-lt = Литва
tones-nl = Нидерланды
tones-pl = Польша
tones-se = Швеция
tones-ua = Украина
tones-us = США

passwords-use-file = Хранить пароли в файле, который читаю только я
settings-passwords = Пароли
settings-passwords-keyring = В хранилище системы
settings-passwords-file = В файле, только для меня

nav-history = История
history-all = Все
history-missed = Пропущенные
history-incoming = Входящие
history-outgoing = Исходящие
history-recorded = С записью
history-all-short = Все
history-missed-short = Пропущ.
history-incoming-short = Вход.
history-outgoing-short = Исход.
history-recorded-short = Запись
history-search = Имя или номер
history-empty = Здесь будут ваши звонки.
history-nothing = Ничего не нашлось.
history-yesterday = вчера, { $time }
history-outcome-talked = разговор
history-outcome-missed = пропущен
history-outcome-forwarded = переадресован
history-outcome-declined = отклонён
history-outcome-cancelled = отменён
history-outcome-failed = не удался
history-outcome-interrupted = прерван
history-call = Позвонить: { $name }
history-play = Слушать запись
history-reveal = Показать в папке
history-copy = Скопировать номер
history-forget-one = Удалить из истории
history-forget = Очистить историю
history-forget-ask = Удалить все звонки из истории? Записи разговоров останутся.
history-forget-yes = Удалить все
history-export = Сохранить таблицей
history-exported = Сохранено: { $path }
history-mos = оценка { $score }
history-jitter = джиттер { $ms } мс
history-lost = потеряно { $percent } %

settings-diagnostics = Диагностика
trace-title = Журнал SIP
trace-about = Последние сообщения между Gudok и серверами
trace-note = Последние сообщения, не больше тысячи. Пароли, ключи и набранные цифры скрыты звёздочками.
trace-save-text = Сохранить текстом
trace-save-pcap = Сохранить для Wireshark
trace-saved = Сохранено: { $path }
trace-search = Поиск в сообщениях
trace-nothing = Таких сообщений нет.
trace-close = Закрыть
trace-copy = Скопировать
