# Разделы страницы аккаунта

section-login = Вход
section-connection = Связь
section-sound = Звук и номера

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
    .keywords = opus alaw ulaw pcma pcmu g711 качество
setting-dtmf = DTMF
    .help = Как отправляются цифры во время разговора, сначала предпочтительный способ.
    .keywords = тон донабор цифры rfc2833 rfc4733 info

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
reason-list-empty = нужен хотя бы один
reason-choice = такого варианта нет
reason-host = это не адрес сервера
reason-no-value = нужно имя=значение
reason-password-argument = пароль не пишут в команде; введите его по запросу или через --password-stdin
reason-codec = есть только opus, alaw и ulaw
reason-dtmf = есть только rfc2833 и info

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

# Почему аккаунт не годится для звонка

line-reason-off = выключен

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
