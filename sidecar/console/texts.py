"""Every word of the console, in the three languages of those who run a shop here. Native readers: this is the file.

What Payme and the backend have said stands on the pages as they said it. Names of settings and commands are the same in
every language.
"""

from typing import Final

from sidecar.console.languages import Phrase
from sidecar.payme_merchant.errors import PaymeError

TEXTS: Final[dict[str, Phrase]] = {
    # every page
    "console": Phrase("Консоль Payme", "Payme konsoli", "Payme console"),
    "language": Phrase("Язык", "Til", "Language"),
    "nav": Phrase("Разделы", "Bo‘limlar", "Sections"),
    "nav.today": Phrase("Сегодня", "Bugun", "Today"),
    "nav.payments": Phrase("Платежи", "To‘lovlar", "Payments"),
    "nav.messages": Phrase("Сообщения", "Xabarlar", "Messages"),
    "nav.journal": Phrase("Журнал", "Jurnal", "Journal"),
    "sign_out": Phrase("Выйти", "Chiqish", "Sign out"),
    "times": Phrase(
        "Время ташкентское, суммы в сумах.",
        "Vaqt Toshkent bo‘yicha, summalar so‘mda.",
        "Times are Tashkent’s, sums are in so‘m.",
    ),
    "soum": Phrase("сум", "so‘m", "so‘m"),
    "ms": Phrase("мс", "ms", "ms"),
    "more": Phrase("Показать ещё", "Yana ko‘rsatish", "Show more"),
    "show": Phrase("Показать", "Ko‘rsatish", "Show"),
    "all": Phrase("Все", "Hammasi", "All"),
    "from": Phrase("С", "Dan", "From"),
    "to": Phrase("По", "Gacha", "To"),
    "reset": Phrase("Сбросить", "Tozalash", "Clear"),
    "wrong_date": Phrase(
        "Такой даты нет; она пропущена.",
        "Bunday sana yo‘q; hisobga olinmadi.",
        "There is no such date; it is left out.",
    ),
    # sign-in
    "sign_in": Phrase("Вход", "Kirish", "Sign in"),
    "sign_in.text": Phrase(
        "Введите пароль консоли: значение CONSOLE_PASSWORD на сервере.",
        "Konsol parolini kiriting: serverdagi CONSOLE_PASSWORD qiymati.",
        "Enter the console’s password: the value of CONSOLE_PASSWORD on the server.",
    ),
    "sign_in.password": Phrase("Пароль", "Parol", "Password"),
    "sign_in.button": Phrase("Войти", "Kirish", "Sign in"),
    "sign_in.wrong": Phrase("Неверный пароль.", "Parol noto‘g‘ri.", "Wrong password."),
    "sign_in.wait": Phrase(
        "Слишком много попыток. Попробуйте снова через {seconds} с.",
        "Urinishlar juda ko‘p. {seconds} soniyadan keyin qayta urinib ko‘ring.",
        "Too many tries. Try again in {seconds} s.",
    ),
    # when something is not as it should be
    "old_form.title": Phrase("Страница устарела", "Sahifa eskirgan", "This page is too old"),
    "old_form.text": Phrase(
        "Форма пришла без своей отметки, и ничего не сделано. Откройте страницу заново и повторите.",
        "Forma o‘z belgisisiz keldi, hech narsa qilinmadi. Sahifani qayta oching va takrorlang.",
        "The form came without its token, and nothing was done. Open the page anew and try again.",
    ),
    "back": Phrase("На главную", "Bosh sahifaga", "To the first page"),
    "nowhere.title": Phrase("Здесь ничего нет", "Bu yerda hech narsa yo‘q", "There is nothing here"),
    "nowhere.text": Phrase(
        "Такой страницы, платежа или сообщения нет. Найдите платёж по номеру заказа.",
        "Bunday sahifa, to‘lov yoki xabar yo‘q. To‘lovni buyurtma raqami bo‘yicha toping.",
        "There is no such page, payment or message. Find a payment by its order.",
    ),
    "away.title": Phrase(
        "База данных не отвечает", "Ma’lumotlar bazasi javob bermayapti", "The database does not answer"
    ),
    "away.text": Phrase(
        "Платежи сейчас тоже не принимаются; Payme повторит свои запросы. Страница обновится сама.",
        "To‘lovlar ham hozir qabul qilinmayapti; Payme so‘rovlarini takrorlaydi. Sahifa o‘zi yangilanadi.",
        "No payment is taken now either; Payme will ask again. This page tries again by itself.",
    ),
    "away.schema": Phrase(
        "Схема базы данных устарела: выполните payme-sidecar migrate.",
        "Ma’lumotlar bazasi sxemasi eskirgan: payme-sidecar migrate buyrug‘ini bajaring.",
        "The database is not at the current schema: run payme-sidecar migrate.",
    ),
    "away.again": Phrase("Проверить сейчас", "Hozir tekshirish", "Try now"),
    # today
    "today.chosen": Phrase("За период", "Davr bo‘yicha", "The period"),
    "today.refreshed": Phrase("Обновляется раз в минуту", "Har daqiqada yangilanadi", "Refreshed every minute"),
    "period.today": Phrase("Сегодня", "Bugun", "Today"),
    "period.week": Phrase("7 дней", "7 kun", "7 days"),
    "period.month": Phrase("30 дней", "30 kun", "30 days"),
    "period.quarter": Phrase("90 дней", "90 kun", "90 days"),
    "figures.sum": Phrase("Оплачено, с возвращённым", "To‘langan, qaytarilgani bilan", "Paid, refunded ones included"),
    "figures.paid": Phrase("Платежей", "To‘lovlar soni", "Payments"),
    "figures.links": Phrase("Выдано ссылок", "Berilgan havolalar", "Links given out"),
    "figures.conversion": Phrase("Из них оплачено", "Shundan to‘langan", "Of these paid"),
    "figures.refunds": Phrase("Возвраты", "Qaytarishlar", "Refunds"),
    "figures.failures": Phrase("Почему не оплатили", "Nega to‘lanmadi", "Why payments failed"),
    "figures.failures.text": Phrase(
        "Попытки, которые Payme отменил до оплаты, по его причинам.",
        "Payme to‘lovgacha bekor qilgan urinishlar, uning sabablari bo‘yicha.",
        "Tries that Payme cancelled before they were paid, by its reasons.",
    ),
    "figures.refusals": Phrase("В чём мы отказали Payme", "Payme’ga nimani rad etdik", "What we refused to Payme"),
    "figures.refusals.text": Phrase(
        "Отказы на проверку и создание платежа, по кодам.",
        "To‘lovni tekshirish va yaratishga rad javoblari, kodlar bo‘yicha.",
        "Refusals to check and to create a payment, by code.",
    ),
    "figures.none": Phrase("Таких не было.", "Bo‘lmagan.", "There were none."),
    "figures.per_day.sum": Phrase("Оплачено по дням, сум", "Kunlar bo‘yicha to‘langan, so‘m", "Paid each day, so‘m"),
    "figures.per_day.links": Phrase(
        "Ссылки и оплаты по дням", "Kunlar bo‘yicha havola va to‘lovlar", "Links and payments each day"
    ),
    "figures.table": Phrase("Те же цифры таблицей", "O‘sha raqamlar jadvalda", "The same figures as a table"),
    "figures.day": Phrase("День", "Kun", "Day"),
    "today.parked": Phrase(
        "Бэкенд окончательно отказался от сообщений: {count}. Нужен человек.",
        "Backend butunlay rad etgan xabarlar: {count}. Inson aralashuvi kerak.",
        "Messages the backend refused for good: {count}. A person must look.",
    ),
    "today.waiting": Phrase(
        "Ждут бэкенда: {count}.", "Backendni kutmoqda: {count}.", "Waiting for the backend: {count}."
    ),
    "today.all_told": Phrase(
        "Бэкенд знает обо всех оплатах.", "Backend barcha to‘lovlardan xabardor.", "The backend knows of every payment."
    ),
    "today.look": Phrase("Посмотреть", "Ko‘rish", "Look"),
    # payments
    "payments.search": Phrase(
        "Заказ, сессия или номер Payme", "Buyurtma, sessiya yoki Payme raqami", "Order, session or Payme’s id"
    ),
    "payments.find": Phrase("Найти", "Topish", "Find"),
    "payments.status": Phrase("Состояние", "Holati", "Status"),
    "payments.time": Phrase("Создан", "Yaratilgan", "Created"),
    "payments.order": Phrase("Заказ", "Buyurtma", "Order"),
    "payments.amount": Phrase("Сумма", "Summa", "Sum"),
    "payments.payme_id": Phrase("Номер Payme", "Payme raqami", "Payme’s id"),
    "payments.empty": Phrase(
        "Платежей пока нет. Они появятся, когда магазин зарегистрирует первую платёжную сессию (POST "
        "/payment-sessions).",
        "Hozircha to‘lovlar yo‘q. Do‘kon birinchi to‘lov sessiyasini ro‘yxatdan o‘tkazganda paydo bo‘ladi "
        "(POST /payment-sessions).",
        "There are no payments yet. They appear when the shop registers its first payment session (POST "
        "/payment-sessions).",
    ),
    "payments.none_found": Phrase(
        "Ничего не нашлось. Ищется номер целиком: скопируйте его из заказа, из журнала магазина или из кабинета Payme.",
        "Hech narsa topilmadi. Raqam to‘liq qidiriladi: uni buyurtmadan, do‘kon jurnalidan yoki Payme "
        "kabinetidan nusxalang.",
        "Nothing was found. An id is looked for as a whole: copy it from the order, the shop’s log or Payme’s cabinet.",
    ),
    "payments.none_fit": Phrase(
        "Под эти условия ничего не подходит. Выберите другое состояние или даты.",
        "Bu shartlarga hech narsa mos emas. Boshqa holat yoki sanani tanlang.",
        "Nothing fits these filters. Choose another status or other dates.",
    ),
    "payments.looked_until": Phrase(
        "Просмотрено до {time}.", "{time} gacha ko‘rib chiqildi.", "Looked through down to {time}."
    ),
    "payments.look_on": Phrase("Искать раньше", "Oldinroqdan qidirish", "Look further back"),
    "status.waiting": Phrase("Ждёт оплаты", "To‘lov kutilmoqda", "Not paid yet"),
    "status.pending": Phrase("Оплачивается", "To‘lanmoqda", "Being paid"),
    "status.paid": Phrase("Оплачен", "To‘langan", "Paid"),
    "status.refunded": Phrase("Возвращён", "Qaytarilgan", "Refunded"),
    "status.failed": Phrase("Не прошёл", "O‘tmadi", "Failed"),
    "status.closed": Phrase("Закрыт", "Yopilgan", "Closed"),
    # one payment
    "story.session": Phrase("Сессия", "Sessiya", "Session"),
    "story.our_number": Phrase("наш номер {number}", "bizning raqam {number}", "our number {number}"),
    "story.siblings": Phrase(
        "Другие сессии этого заказа", "Shu buyurtmaning boshqa sessiyalari", "Other sessions of this order"
    ),
    "story.lines": Phrase("Что оплачено", "Nima uchun to‘langan", "What it is for"),
    "story.line.discount": Phrase("Скидка", "Chegirma", "Discount"),
    "story.line.vat": Phrase("НДС", "QQS", "VAT"),
    "story.line.code": Phrase("ИКПУ", "IKPU", "IKPU"),
    "story.line.shipping": Phrase("Доставка", "Yetkazib berish", "Shipping"),
    "story.receipts": Phrase("Фискальные чеки", "Fiskal cheklar", "Fiscal receipts"),
    "story.receipt.PERFORM": Phrase("Чек продажи", "Sotuv cheki", "Receipt of the sale"),
    "story.receipt.CANCEL": Phrase("Чек возврата", "Qaytarish cheki", "Receipt of the refund"),
    "story.receipt.link": Phrase("Открыть чек", "Chekni ochish", "Open the receipt"),
    "story.receipt.qr": Phrase("QR-код чека", "Chekning QR-kodi", "QR code of the receipt"),
    "story.receipt.none": Phrase("Без ссылки", "Havolasiz", "Without a link"),
    "story.messages": Phrase("Что сказано бэкенду", "Backendga nima aytilgan", "What the backend is told"),
    "story.events": Phrase("Что было, по порядку", "Nima bo‘lgan, tartib bilan", "What happened, in order"),
    "story.journal_kept": Phrase(
        "Вызовы и попытки хранятся {days} дн. (JOURNAL_DAYS), остальное всегда.",
        "Chaqiruvlar va urinishlar {days} kun saqlanadi (JOURNAL_DAYS), qolgani doim.",
        "Calls and attempts are kept for {days} days (JOURNAL_DAYS), the rest for ever.",
    ),
    "story.answer": Phrase("Ответ", "Javob", "Answer"),
    "story.from": Phrase("от", "kimdan", "from"),
    "event.registered": Phrase(
        "Магазин выдал ссылку на оплату", "Do‘kon to‘lov havolasini berdi", "The shop gave out a link to pay"
    ),
    "event.closed": Phrase("Магазин закрыл сессию", "Do‘kon sessiyani yopdi", "The shop closed the session"),
    "event.created": Phrase("Payme начал платёж", "Payme to‘lovni boshladi", "Payme began a payment"),
    "event.performed": Phrase("Деньги получены", "Pul olindi", "The money was taken"),
    "event.cancelled": Phrase("Payme отменил платёж", "Payme to‘lovni bekor qildi", "Payme cancelled the payment"),
    "event.refunded": Phrase("Деньги возвращены", "Pul qaytarildi", "The money was returned"),
    "event.call": Phrase("Payme спросил", "Payme so‘radi", "Payme asked"),
    "event.promised": Phrase(
        "Обещано сообщить бэкенду", "Backendga xabar berish va’da qilindi", "A promise to tell the backend"
    ),
    "event.attempt": Phrase("Бэкенду сказано", "Backendga aytildi", "The backend was told"),
    "event.receipt": Phrase("Пришёл фискальный чек", "Fiskal chek keldi", "A fiscal receipt came"),
    "event.act": Phrase("Действие оператора", "Operator amali", "An operator’s act"),
    "act.redeliver": Phrase("отправить ещё раз", "qayta yuborish", "tell again"),
    "result": Phrase("успешно", "muvaffaqiyatli", "done"),
    # messages
    "messages.parked": Phrase("Нужен человек", "Inson kerak", "A person must look"),
    "messages.parked.text": Phrase(
        "Бэкенд отказался от этих сообщений окончательно. Прочтите ответ, устраните причину и отправьте ещё раз.",
        "Backend bu xabarlarni butunlay rad etgan. Javobni o‘qing, sababini bartaraf eting va qayta yuboring.",
        "The backend refused these for good. Read its answer, put the cause right, and tell it again.",
    ),
    "messages.parked.empty": Phrase(
        "Ничего. Если бэкенд от чего-то откажется, это появится здесь, и делать пока нечего.",
        "Hech narsa. Backend biror narsani rad etsa, shu yerda paydo bo‘ladi; hozircha qiladigan ish yo‘q.",
        "None. What the backend refuses will stand here; there is nothing to do now.",
    ),
    "messages.waiting": Phrase("Ждут бэкенда", "Backendni kutmoqda", "Waiting for the backend"),
    "messages.waiting.text": Phrase(
        "Повторяются сами: через 1 с, 2 с, 4 с … 15 мин. Если бэкенд снова работает, можно не ждать.",
        "O‘zi takrorlanadi: 1 s, 2 s, 4 s … 15 daqiqada. Backend yana ishlayotgan bo‘lsa, kutish shart emas.",
        "They are told again by themselves, after 1 s, 2 s, 4 s … 15 min. If the backend is back, you need not wait.",
    ),
    "messages.waiting.empty": Phrase(
        "Ничего: бэкенд взял всё.", "Hech narsa: backend hammasini oldi.", "None: the backend has taken everything."
    ),
    "messages.number": Phrase("Сообщение {number}", "{number}-xabar", "Message {number}"),
    "messages.payment": Phrase("Платёж", "To‘lov", "Payment"),
    "messages.amount": Phrase("Сумма", "Summa", "Sum"),
    "messages.attempts": Phrase("Попыток", "Urinishlar", "Attempts"),
    "messages.promised": Phrase("Обещано", "Va’da qilingan", "Promised"),
    "messages.due": Phrase("Следующая попытка", "Keyingi urinish", "Next attempt"),
    "messages.answer": Phrase("Последний ответ", "Oxirgi javob", "Last answer"),
    "messages.being_told": Phrase(
        "отправлено, ответа ещё нет", "yuborildi, javob hali yo‘q", "being told, no answer yet"
    ),
    "messages.not_sent": Phrase("ещё не отправлялось", "hali yuborilmagan", "not sent yet"),
    "messages.redeliver": Phrase("Отправить ещё раз", "Qayta yuborish", "Tell again now"),
    "messages.redelivered": Phrase("Отправляется…", "Yuborilmoqda…", "It is being told…"),
    "messages.nothing_to_do": Phrase(
        "Отправлять нечего: бэкенд уже взял это сообщение.",
        "Yuboradigan narsa yo‘q: backend bu xabarni olgan.",
        "There is nothing to tell: the backend has taken this message.",
    ),
    "topic.authorize": Phrase(
        "оплачено, оформите заказ", "to‘landi, buyurtmani rasmiylashtiring", "paid, place the order"
    ),
    "topic.cancel": Phrase("деньги возвращены, отмените", "pul qaytarildi, bekor qiling", "returned, cancel it"),
    "state.waiting": Phrase("ждёт", "kutmoqda", "waiting"),
    "state.parked": Phrase("отложено", "qo‘yib qo‘yilgan", "parked"),
    "state.delivered": Phrase("доставлено", "yetkazildi", "delivered"),
    "state.withdrawn": Phrase("снято", "olib tashlangan", "withdrawn"),
    "outcome.delivered": Phrase("принято", "qabul qilindi", "taken"),
    "outcome.unknown": Phrase("неизвестно, повторим", "noma’lum, takrorlaymiz", "unknown, asked again"),
    "outcome.denied": Phrase("ключ не принят", "kalit qabul qilinmadi", "the key was refused"),
    "outcome.refused": Phrase("отказ", "rad etildi", "refused"),
    # journal
    "journal.text": Phrase(
        "Каждый вызов Payme, новые сверху.",
        "Payme’ning har bir chaqiruvi, yangisi tepada.",
        "Every call of Payme’s, newest first.",
    ),
    "journal.method": Phrase("Метод", "Metod", "Method"),
    "journal.order": Phrase("Заказ", "Buyurtma", "Order"),
    "journal.transaction": Phrase("Номер Payme", "Payme raqami", "Payme’s id"),
    "journal.errors": Phrase("Только отказы", "Faqat rad javoblari", "Refusals only"),
    "journal.time": Phrase("Время", "Vaqt", "Time"),
    "journal.code": Phrase("Код", "Kod", "Code"),
    "journal.took": Phrase("Заняло", "Davomiyligi", "Took"),
    "journal.caller": Phrase("Откуда", "Qayerdan", "Caller"),
    "journal.empty": Phrase(
        "Payme ещё не звонил. Укажите в кабинете Payme адрес https://…/payme и проверьте его (payme-sidecar doctor).",
        "Payme hali murojaat qilmagan. Payme kabinetida https://…/payme manzilini ko‘rsating va tekshiring "
        "(payme-sidecar doctor).",
        "Payme has not called yet. Enter https://…/payme as the Endpoint URL in Payme’s cabinet and check "
        "it (payme-sidecar doctor).",
    ),
    # Payme's reasons (spec 2.3)
    "reason.1": Phrase(
        "получатель не найден или неактивен",
        "qabul qiluvchi topilmadi yoki faol emas",
        "a receiver was not found or is inactive",
    ),
    "reason.2": Phrase("ошибка дебетовой операции", "debet amalida xato", "a debit failed at the processing centre"),
    "reason.3": Phrase("ошибка при выполнении", "bajarishda xato", "the transaction failed"),
    "reason.4": Phrase("время истекло", "vaqt tugadi", "its time ran out"),
    "reason.5": Phrase("возврат денег", "pulni qaytarish", "a refund"),
    "reason.10": Phrase("неизвестная ошибка", "noma’lum xato", "an unknown error"),
    "reason.other": Phrase("причина {code}", "sabab {code}", "reason {code}"),
    "code.other": Phrase("код {code}", "kod {code}", "code {code}"),
    **{f"code.{it.value}": Phrase(it.ru, it.uz, it.en) for it in PaymeError},
}
