# Разделы страницы аккаунта

section-login = Вход
section-connection = Связь
section-sound = Звук и номера
section-calls = Входящие звонки
section-people = Запись и люди

# Настройки: название, зачем нужна, по каким словам ищется

setting-name = Название
    .help = Как аккаунт называется у вас: «Работа», «Дом».
    .keywords = имя аккаунта подпись линия
setting-enabled = Включён
    .help = Выключенный аккаунт не звонит и не принимает звонки.
    .keywords = включить выключить отключить
setting-login = Логин
    .help = Ваш номер или имя у провайдера, без домена.
    .keywords = пользователь номер внутренний user username
setting-password = Пароль
    .help = Пароль от SIP, который дал провайдер; хранится отдельно от настроек.
    .keywords = секрет secret password
setting-domain = Домен
    .help = Сервер провайдера: sip.example.com или sip.example.com:5070.
    .keywords = сервер хост адрес server host
setting-display-name = Имя
    .help = Так вас увидит тот, кому вы звоните.
    .keywords = подпись caller id display name
setting-auth-login = Логин авторизации
    .help = Нужен, только если провайдер дал его отдельно от логина.
    .keywords = auth authorization username id
setting-transport = Транспорт
    .help = Как идут сообщения: UDP обычно подходит, TLS шифрует.
    .keywords = udp tcp tls шифрование протокол
setting-encryption = Шифрование звука
    .help = Чтобы по дороге никто не слушал: по возможности, с кем получится; обязательно, иначе разговора не будет.
    .keywords = srtp шифрование безопасность sdes dtls замок
setting-key-exchange = Ключи шифрования
    .help = авто: SDES через TLS, иначе DTLS. sdes: и без TLS, где ключи можно прочесть по дороге. dtls: только DTLS.
    .keywords = srtp sdes dtls ключи отпечаток
setting-register = Регистрация
    .help = Без регистрации можно звонить, но звонки через сервер не приходят.
    .keywords = register expires
setting-registrar = Registrar Proxy
    .help = Сервер, через который всё отправляется, если это не домен.
    .keywords = прокси proxy outbound registrar
setting-certificate = Свой сертификат
    .help = Файл PEM с сертификатом частного центра, которому доверять.
    .keywords = ca pem tls центр сертификации
setting-pinned = Закреплённый сертификат
    .help = Отпечаток SHA-256 сертификата, которому вы доверяете для этого аккаунта.
    .keywords = отпечаток fingerprint sha256 tls
setting-codecs = Кодеки
    .help = Чем кодируется звук, сначала предпочтительные.
    .keywords = opus g722 alaw ulaw pcma pcmu g711 качество
setting-dtmf = DTMF
    .help = Как отправляются цифры во время разговора, сначала предпочтительный способ.
    .keywords = тон донабор цифры rfc2833 rfc4733 info inband
setting-template = Шаблон
    .help = Настройки провайдера: заполнит, что известно; логин и пароль останутся ваши.
    .keywords = провайдер оператор атс каталог шаблоны настроек template
setting-worker = Worker
    .help = Машина, на которой работает аккаунт.
    .keywords = компьютер сервер машина воркер
setting-ptime = Длина пакета, мс
    .help = Сколько звука в пакете: обычно подходит 20; больше — экономнее, меньше — быстрее.
    .keywords = ptime пакет миллисекунды
setting-opus-bitrate = Opus: битрейт, кбит/с
    .help = Больше — лучше звук и больше трафика; «auto» подберёт сам.
    .keywords = opus bitrate трафик
setting-opus-fec = Opus: повторять потерянное
    .help = На плохой сети потери слышны меньше.
    .keywords = opus fec потери
setting-opus-dtx = Opus: молчать в тишине
    .help = Экономит трафик, пока никто не говорит.
    .keywords = opus dtx тишина трафик
setting-rules = Правила набора
    .help = Меняют номер перед набором и решают, какие номера берёт эта линия.
    .keywords = правила регулярные выражения префикс формат замена фильтр rules regex
setting-call-waiting = Второй звонок
    .help = Во время разговора может звонить ещё один; выключено — ему отвечают «занято» или переадресуют.
    .keywords = ожидание вызова занято второй call waiting
setting-auto-answer = Автоответ
    .help = Отвечать самому: никогда, по просьбе звонящего (интерком) или всегда. Во время разговора — никогда.
    .keywords = автоответ интерком громкая auto answer alert-info call-info
setting-forward-always = Переадресовать всё
    .help = Каждый звонок уходит на этот номер, здесь ничего не звонит.
    .keywords = переадресация безусловная forward
setting-forward-busy = Переадресовать, если занято
    .help = Куда уходит звонок во время разговора без «второго звонка» и при «не беспокоить».
    .keywords = переадресация занято forward busy
setting-forward-no-answer = Переадресовать, если не отвечаю
    .help = Куда уходит звонок, на который долго не отвечают.
    .keywords = переадресация неответ forward no answer
setting-forward-after = Не отвечаю — через
    .help = Сколько звонит, прежде чем звонок уйдёт дальше.
    .keywords = переадресация время секунды
setting-voicemail = Номер голосовой почты
    .help = Куда звонить, чтобы прослушать сообщения; пусто — куда скажет сервер.
    .keywords = голосовая почта автоответчик voicemail mwi
setting-favourites = Избранные
    .help = Номера, о которых видно, заняты ли они, через запятую: 102 Анна, 103. Сервер должен об этом сообщать (BLF).
    .keywords = избранные коллеги занят blf busy lamp hint
setting-pickup = Код перехвата
    .help = Что набирать перед номером избранного, чтобы забрать его звонок, например *8. Без кода звонок забирается сам, если сервер сообщает о нём.
    .keywords = перехват pickup *8
setting-record = Запись разговоров
    .help = Каждый разговор записывается сам.
    .keywords = запись record
setting-record-chat = Чат для записей
    .help = Сюда отправляются записи; если не выбран, в «Избранное».
    .keywords = telegram чат канал запись избранное
setting-record-keep = Оставлять записи здесь
    .help = Запись, отправленная в Telegram, остаётся и на этом компьютере.
    .keywords = запись хранить файл папка локально
setting-user = Пользователь
    .help = Кто звонит с этого аккаунта, если не вы.
    .keywords = telegram сотрудник назначить передать
setting-callback = Callback
    .help = Номер из чата набора сначала звонит вам и набирается, когда вы ответите.
    .keywords = telegram чат набора обратный звонок

# Почему значение не подходит

reason-host-empty = нет имени сервера
reason-host-space = в имени сервера пробел
reason-host-user = нужен только сервер, без имени и знака @
reason-host-extra = нужны только сервер и порт, без ссылки и параметров
reason-host-brackets = адрес IPv6 пишется в квадратных скобках
reason-host-ipv6 = в скобках не адрес IPv6
reason-host-ipv4 = это не адрес IPv4
reason-host-port = порт: число от 1 до 65535
reason-host-name = в имени сервера бывают только латинские буквы, цифры, точки и дефисы
reason-secret = пароль меняется отдельно
reason-unknown-setting = такой настройки нет
reason-too-long = слишком длинно
reason-control = внутри невидимый знак или перенос строки
reason-login-domain = логин пишется без @; что после @, впишите в домен
reason-login-space = в логине пробел
reason-fingerprint = отпечаток SHA-256: 64 шестнадцатеричные цифры
reason-switch = on или off
reason-transport = udp, tcp или tls
reason-encryption = off, optional или required
reason-key-exchange = auto, sdes или dtls
reason-keys-certificate = сертификат не тот, о котором было сказано, возможно, кто-то слушает посередине
reason-keys-timeout = собеседник не отвечает
reason-keys-refused = собеседник отказался от обмена ключами
reason-list-empty = нужен хотя бы один
reason-choice = такого варианта нет
reason-host = это не адрес сервера
reason-no-value = нужно имя=значение
reason-password-argument = пароль не пишут в команде; введите его по запросу или через --password-stdin
reason-codec = есть только opus, g722, alaw и ulaw
reason-dtmf = есть только rfc2833, info и inband
reason-ptime = бывает только 10, 20, 40 и 60
reason-bitrate = auto или число от 6 до 510
reason-party = нужны номер и имя
reason-worker-unknown = такого Worker нет
reason-telegram-needed = сначала войдите в Telegram
reason-party-unknown = такого в Telegram нет
reason-party-several = подходят несколько, уточните
reason-template-unknown = такого шаблона нет

# Правила набора

rules-replaced = { $rule }: { $before } → { $after }
rules-unchanged = { $rule }: менять нечего
rules-passed = { $rule }: подходит
rules-refused = { $rule }: не подходит
rules-stopped = { $rule }: { $reason }
rules-nothing = пусто
rules-dial = Будет набран номер { $number }
rules-filtered = Номер { $number } набран не будет
rules-empty = От номера ничего не осталось, набирать нечего
rules-invalid = Правила не годятся: { $reason }.
rules-invalid-rule = Правило «{ $rule }» не годится, знак { $at }: { $reason }.

reason-number = Это не номер и не адрес.
reason-forward-after = От 5 до 120 секунд.
reason-auto-answer = Одно из: off, asked, always.
reason-rules = правило { $rule }, знак { $at }: { $why }
reason-rule-unclosed-group = скобка ( не закрыта
reason-rule-unopened-group = у скобки ) нет пары
reason-rule-unclosed-class = скобка [ не закрыта
reason-rule-range = в [ ] неверный диапазон, первый знак должен быть меньше: [0-9]
reason-rule-nothing-to-repeat = перед *, + или ? нечего повторять
reason-rule-count = повторы пишутся так: {"{"}3{"}"}, {"{"}3,{"}"} или {"{"}3,5{"}"}
reason-rule-backslash = после \ ничего нет
reason-rule-escape = такого знака с \ нет
reason-rule-group = после (? стоит непонятное
reason-rule-property = такого свойства Unicode нет
reason-rule-no-group = такой группы в скобках нет
reason-rule-replacement = справа от = после \ бывают только цифра от 1 до 9, s или знак препинания
reason-rule-look-behind = в (?<= и (?<! длина должна быть известна, без * и +
reason-rule-unsupported = такое выражение здесь не работает
reason-rule-expression = это не регулярное выражение
reason-rule-too-big = выражение слишком большое
reason-rule-too-many = правил больше 64
reason-rule-text-long = текст длиннее 4096 знаков
reason-rule-attempts = на этом номере слишком много вариантов
reason-rule-number-long = номер длиннее 128 знаков

# Почему нельзя прочесть или записать файл

reason-file-no-home = у системы нет домашней папки, укажите папку профиля
reason-file-in-use = этот профиль занят другим Gudok
reason-file-newer = файл записан более новым Gudok
reason-file-too-large = файл слишком большой
reason-file-not-text = это не текст

# Почему недоступны пароли

reason-secrets-none = в системе нет хранилища паролей
reason-secrets-timeout = оно не отвечает
reason-secrets-passphrase = нужна парольная фраза
reason-secrets-wrong-passphrase = парольная фраза не подошла

# Время

retry-in = Следующая попытка через { $seconds ->
        [one] { $seconds } секунду
        [few] { $seconds } секунды
       *[many] { $seconds } секунд
    }

# Шаблоны провайдеров

template-group-ru = Россия
template-group-world = Другие страны
template-group-pbx = Своя АТС
reason-template-key = в шаблоне нет такого ключа
reason-template-id = нужен id из a-z, 0-9 и дефисов, не длиннее 64
reason-template-name = нужно название
reason-template-group = есть только ru, world и pbx
reason-template-text = здесь нужен текст в кавычках
reason-template-list = здесь нужен список текстов в скобках
reason-template-languages = текст или сразу оба языка: en и ru
reason-template-twice = такой id уже есть
reason-template-many = больше 2000 шаблонов
