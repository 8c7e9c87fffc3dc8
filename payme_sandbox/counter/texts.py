"""Every word on the pages, in the three languages of Payme's buyers. Native readers: this is the file.

What is wrong with an answer in detail is said in English, the language of the logs and of the terminal.
"""

from typing import Final

from payme_sandbox.diagnosis import SENTENCES, Finding
from payme_sandbox.languages import Phrase

TEXTS: Final[dict[str, Phrase]] = {
    "money.som": Phrase("сум", "so‘m", "so‘m"),
    # every page
    "stand_in": Phrase("Имитация Payme", "Payme imitatsiyasi", "Stand-in for Payme"),
    "footer": Phrase(
        "Это не Payme и не связано с Payme: имитация для разработчиков. Деньги не списываются.",
        "Bu Payme emas va Payme bilan bog‘liq emas: dasturchilar uchun imitatsiya. Pul yechilmaydi.",
        "This is not Payme, and not connected with Payme: a stand-in for developers. No money moves.",
    ),
    "language": Phrase("Язык", "Til", "Language"),
    "nav": Phrase("Разделы", "Bo‘limlar", "Sections"),
    "nav.cabinet": Phrase("Кабинет", "Kabinet", "Cabinet"),
    "nav.scenarios": Phrase("Сценарии", "Ssenariylar", "Scenarios"),
    "nav.log": Phrase("Журнал", "Jurnal", "Log"),
    # checkout
    "no_money": Phrase(
        "Это не настоящая страница Payme: карта не нужна, деньги не списываются.",
        "Bu haqiqiy Payme sahifasi emas: karta kerak emas, pul yechilmaydi.",
        "This is not Payme’s real page: no card is asked for, no money moves.",
    ),
    "to": Phrase("Получатель", "Qabul qiluvchi", "Paid to"),
    "amount": Phrase("К оплате", "Summa", "Amount"),
    "order": Phrase("Заказ", "Buyurtma", "Order"),
    "pay": Phrase("Оплатить", "To‘lash", "Pay"),
    "retry": Phrase("Попробовать снова", "Qayta urinish", "Try again"),
    "ask_again": Phrase("Повторить запрос Payme", "Payme so‘rovini takrorlash", "Payme asks again"),
    "decline": Phrase("Карта отклонена", "Karta rad etilsin", "Card declined"),
    "cancel": Phrase("Отменить", "Bekor qilish", "Cancel"),
    "choose": Phrase("Что сделает покупатель?", "Xaridor nima qiladi?", "What does the buyer do?"),
    "back": Phrase("Вернуться в магазин", "Do‘konga qaytish", "Back to the shop"),
    "code": Phrase("Код {code}", "Kod {code}", "Code {code}"),
    "trouble": Phrase("Что может пойти не так", "Nima noto‘g‘ri ketishi mumkin", "What can go wrong"),
    "trouble.two_buyers": Phrase("Заплатить дважды", "Ikki marta to‘lash", "Pay twice"),
    "trouble.two_buyers.text": Phrase(
        "Два покупателя платят по одной ссылке одновременно, и каждый вызов приходит два раза.",
        "Ikki xaridor bitta havola bo‘yicha bir vaqtda to‘laydi va har bir chaqiruv ikki martadan keladi.",
        "Two buyers pay the same link at the same moment, and every call is delivered twice.",
    ),
    "trouble.lose": Phrase("Потерять ответ", "Javobni yo‘qotish", "Lose the reply"),
    "trouble.lose.text": Phrase(
        "Payme обрывает связь, не прочитав ответа, и задаёт тот же вопрос снова.",
        "Payme javobni o‘qimay aloqani uzadi va o‘sha savolni yana beradi.",
        "Payme hangs up without reading the answer, and asks the same again.",
    ),
    "trouble.overdue": Phrase("Пройдёт 12 часов", "12 soat o‘tadi", "12 hours pass"),
    "trouble.overdue.text": Phrase(
        "Оплата приходит через 12 часов после создания: правильный ответ — отказ −31008. Займёт три секунды.",
        "To‘lov yaratilganidan 12 soat keyin keladi: to‘g‘ri javob — −31008 rad javobi. Uch soniya oladi.",
        "The payment comes 12 hours after it was created: the right answer is the refusal −31008. Takes three seconds.",
    ),
    "notice.paid.title": Phrase("Оплачено", "To‘landi", "Paid"),
    "notice.paid.text": Phrase("Этот заказ оплачен.", "Bu buyurtma to‘langan.", "This order is paid."),
    "notice.declined.title": Phrase("Банк отклонил карту", "Bank kartani rad etdi", "The bank declined the card"),
    "notice.declined.text": Phrase(
        "Деньги не списаны. Попробуйте ещё раз или вернитесь в магазин.",
        "Pul yechilmadi. Yana urinib ko‘ring yoki do‘konga qayting.",
        "No money was taken. Try again, or go back to the shop.",
    ),
    "notice.cancelled.title": Phrase("Оплата отменена", "To‘lov bekor qilindi", "The payment was cancelled"),
    "notice.cancelled.text": Phrase("Деньги не списаны.", "Pul yechilmadi.", "No money was taken."),
    "notice.refunded.title": Phrase("Деньги возвращены", "Pul qaytarildi", "The money was returned"),
    "notice.refunded.text": Phrase(
        "Магазин успел принять оплату; Payme её вернул.",
        "Do‘kon to‘lovni qabul qilishga ulgurgan edi; Payme uni qaytardi.",
        "The shop had taken the payment already; Payme has returned it.",
    ),
    "notice.refused.title": Phrase(
        "Магазин не принял оплату", "Do‘kon to‘lovni qabul qilmadi", "The shop did not accept the payment"
    ),
    "notice.refused.text": Phrase("Деньги не списаны.", "Pul yechilmadi.", "No money was taken."),
    "notice.returned.title": Phrase(
        "Магазин отказал после списания", "Do‘kon pul yechilgandan keyin rad etdi", "Refused after the card was debited"
    ),
    "notice.returned.text": Phrase(
        "Payme не может оставить эти деньги себе и вернёт их покупателю.",
        "Payme bu pulni o‘zida qoldira olmaydi va xaridorga qaytaradi.",
        "Payme must not keep this money, and returns it to the buyer.",
    ),
    "notice.unavailable.title": Phrase(
        "Сервис магазина не отвечает", "Do‘kon xizmati javob bermayapti", "The shop’s service does not answer"
    ),
    "notice.unavailable.text": Phrase(
        "Payme спросит ещё раз; нажмите «Попробовать снова», чтобы не ждать.",
        "Payme yana so‘raydi; kutmaslik uchun “Qayta urinish”ni bosing.",
        "Payme will ask again; press “Try again” if you would rather not wait.",
    ),
    "notice.queued.title": Phrase(
        "Деньги списаны, магазин не подтвердил", "Pul yechildi, do‘kon tasdiqlamadi", "Debited, not confirmed"
    ),
    "notice.queued.text": Phrase(
        "Оплата стоит в очереди Payme. Снова платить не нужно: Payme повторит вопрос.",
        "To‘lov Payme navbatida turibdi. Yana to‘lash shart emas: Payme savolni takrorlaydi.",
        "The payment waits in Payme’s queue. There is no need to pay again: Payme will repeat its question.",
    ),
    "notice.recovered.title": Phrase(
        "Ответы потерялись, оплата — нет",
        "Javoblar yo‘qoldi, to‘lov — yo‘q",
        "The replies were lost, the payment was not",
    ),
    "notice.recovered.text": Phrase(
        "Payme спросил ещё раз и получил ответ: оплачено один раз.",
        "Payme yana so‘radi va javob oldi: bir marta to‘landi.",
        "Payme asked again and got its answer: paid once.",
    ),
    "notice.overdue.title": Phrase(
        "Магазин отказал, и это правильно", "Do‘kon rad etdi, va bu to‘g‘ri", "The shop refused, and rightly"
    ),
    "notice.overdue.text": Phrase(
        "Прошло 12 часов, транзакция просрочена. Payme возвращает деньги покупателю.",
        "12 soat o‘tdi, tranzaksiya muddati tugadi. Payme pulni xaridorga qaytaradi.",
        "12 hours have passed, the transaction is overdue. Payme returns the money to the buyer.",
    ),
    "notice.overdue_paid.title": Phrase(
        "Просроченная оплата принята", "Muddati o‘tgan to‘lov qabul qilindi", "An overdue payment was accepted"
    ),
    "notice.overdue_paid.text": Phrase(
        "Это ошибка магазина: через 12 часов PerformTransaction получает отказ −31008, а транзакция — состояние −1.",
        "Bu do‘konning xatosi: 12 soatdan keyin PerformTransaction −31008 rad javobini, tranzaksiya −1 holatini oladi.",
        "This is a defect of the shop: after 12 hours PerformTransaction gets −31008, and the transaction state −1.",
    ),
    "notice.one_of_two.title": Phrase("Один из двух заплатил", "Ikkisidan biri to‘ladi", "One of the two has paid"),
    "notice.one_of_two.text": Phrase(
        "Второму покупателю магазин отказал: заказ оплачен один раз.",
        "Ikkinchi xaridorni do‘kon rad etdi: buyurtma bir marta to‘landi.",
        "The shop refused the other buyer: the order is paid once.",
    ),
    "notice.both_paid.title": Phrase("Заплатили оба", "Ikkalasi ham to‘ladi", "Both have paid"),
    "notice.both_paid.text": Phrase(
        "Для накопительного счёта так и должно быть. Заказ, который оплачивают один раз, оплачен дважды — это ошибка.",
        "Jamg‘arib boriladigan hisob uchun shunday bo‘lishi kerak. Bir marta to‘lanadigan buyurtma uchun bu — xato.",
        "Right for an accumulative account. An order that is to be paid once has been paid twice: that is a defect.",
    ),
    "defect.title": Phrase("Ошибка интеграции", "Integratsiya xatosi", "A defect in the integration"),
    # calls
    "calls": Phrase("Вызовы JSON-RPC: {count}", "JSON-RPC chaqiruvlari: {count}", "JSON-RPC calls: {count}"),
    "calls.request": Phrase("Запрос", "So‘rov", "Request"),
    "calls.reply": Phrase("Ответ", "Javob", "Reply"),
    "calls.lost": Phrase("ответ потерян нарочно", "javob ataylab yo‘qotildi", "reply lost on purpose"),
    "calls.hint": Phrase("Разработчику", "Dasturchiga", "For the developer"),
    "calls.twice": Phrase(
        "CreateTransaction, PerformTransaction и CancelTransaction нарочно отправляются дважды, "
        "как в песочнице Payme: повторный вызов должен вернуть тот же ответ.",
        "CreateTransaction, PerformTransaction va CancelTransaction ataylab ikki martadan yuboriladi, "
        "Payme sinov muhitidagidek: takroriy chaqiruvga o‘sha javob qaytishi kerak.",
        "CreateTransaction, PerformTransaction and CancelTransaction go out twice on purpose, "
        "as in Payme’s sandbox: the repeated call must get the same answer.",
    ),
    "calls.none": Phrase("Вызовов ещё не было.", "Hali chaqiruvlar bo‘lmagan.", "No calls yet."),
    "calls.text": Phrase(
        "Все вызовы Payme с начала работы, новые сверху. Ключ передаётся в заголовке и здесь не показывается.",
        "Ish boshidan beri Payme’ning barcha chaqiruvlari, yangilari yuqorida. Kalit sarlavhada, bu yerda ko‘rinmaydi.",
        "Every call that Payme has made since the start, the newest first. The "
        "key travels in a header and is not shown.",
    ),
    # a link that cannot be read
    "unknown.title": Phrase("Ссылка не читается", "Havolani o‘qib bo‘lmadi", "This link cannot be read"),
    "unknown.text": Phrase(
        "Вернитесь в магазин и попробуйте ещё раз.",
        "Do‘konga qaytib, yana urinib ko‘ring.",
        "Go back to the shop and try again.",
    ),
    "stranger.title": Phrase("Поставщик не найден", "Yetkazib beruvchi topilmadi", "The merchant is unknown"),
    "stranger.text": Phrase(
        "В ссылке другая касса, не та, что настроена здесь (у Payme это ошибка −31601).",
        "Havolada bu yerda sozlangandan boshqa kassa ko‘rsatilgan (Payme’da bu −31601 xatosi).",
        "The link names another cashbox than the one set up here (with Payme this is error −31601).",
    ),
    # the cabinet's endpoint
    "cabinet": Phrase("Кабинет Payme", "Payme kabineti", "Payme’s cabinet"),
    "endpoint": Phrase("Ваш endpoint", "Endpoint’ingiz", "Your endpoint"),
    "endpoint.text": Phrase(
        "Куда Payme посылает вызовы. То, что вы ввели бы в настройках кассы.",
        "Payme chaqiruvlarni yuboradigan manzil. Kassa sozlamalariga yozadiganingizning o‘zi.",
        "Where Payme sends its calls: what you would type into the settings of your cashbox.",
    ),
    "endpoint.url": Phrase("Endpoint URL", "Endpoint URL manzili", "Endpoint URL"),
    "endpoint.login": Phrase("Логин", "Login", "Login"),
    "endpoint.key": Phrase("Ключ кассы", "Kassa kaliti", "Key of the cashbox"),
    "endpoint.key.text": Phrase(
        "Остаётся в памяти этого процесса; его нет ни на страницах, ни в журнале.",
        "Shu jarayon xotirasida qoladi; sahifalarda ham, jurnalda ham ko‘rinmaydi.",
        "Kept in this process’s memory; shown on no page and in no log.",
    ),
    "endpoint.merchant": Phrase("ID кассы (не обязательно)", "Kassa ID raqami (ixtiyoriy)", "Merchant ID (optional)"),
    "endpoint.save": Phrase("Подключить", "Ulash", "Connect"),
    "endpoint.check": Phrase("Проверить связь", "Aloqani tekshirish", "Ask it once more"),
    "endpoint.change": Phrase("Другой endpoint или ключ", "Boshqa endpoint yoki kalit", "Another endpoint or key"),
    "endpoint.change.text": Phrase(
        "Другой адрес начинает учёт заново: чеки и журнал этого endpoint исчезнут. "
        "Другой ключ к тому же адресу их сохраняет.",
        "Boshqa manzil bilan hisob yangidan boshlanadi: bu endpoint cheklari va jurnali yo‘qoladi. "
        "Shu manzilning boshqa kaliti ularni saqlab qoladi.",
        "With another address the books begin anew: the receipts and the log of this endpoint are gone. "
        "Another key for the same address keeps them.",
    ),
    "endpoint.not_web": Phrase(
        "Адрес должен начинаться с http:// или https://.",
        "Manzil http:// yoki https:// bilan boshlanishi kerak.",
        "The address must begin with http:// or https://.",
    ),
    "diagnosis.ready": Phrase(
        "Отвечает и принимает ключ.", "Javob beradi va kalitni qabul qiladi.", SENTENCES[Finding.READY]
    ),
    "diagnosis.silent": Phrase(
        "По адресу {url} никто не отвечает ({detail}).",
        "{url} manzilida hech kim javob bermayapti ({detail}).",
        SENTENCES[Finding.SILENT],
    ),
    "diagnosis.redirect": Phrase(
        "Endpoint перенаправляет (HTTP {status}). Payme за перенаправлениями не ходит: "
        "укажите конечный адрес, следите за косой чертой в конце.",
        "Endpoint boshqa manzilga yo‘naltiradi (HTTP {status}). Payme yo‘naltirishga ergashmaydi: "
        "oxirgi manzilni yozing, oxiridagi qiya chiziqqa e’tibor bering.",
        SENTENCES[Finding.REDIRECT],
    ),
    "diagnosis.unauthorized": Phrase(
        "Endpoint ответил HTTP {status}. Payme ждёт HTTP 200 на любой вызов; неверный ключ — это ошибка −32504 в JSON.",
        "Endpoint HTTP {status} bilan javob berdi. Payme har qanday chaqiruvga HTTP 200 "
        "kutadi; noto‘g‘ri kalit — JSON ichidagi −32504 xatosi.",
        SENTENCES[Finding.UNAUTHORIZED],
    ),
    "diagnosis.not_found": Phrase(
        "Сервер есть, но по этому адресу у него ничего нет (HTTP {status}). Проверьте путь в адресе.",
        "Server bor, lekin bu manzilda hech narsa yo‘q (HTTP {status}). Manzildagi yo‘lni tekshiring.",
        SENTENCES[Finding.NOT_FOUND],
    ),
    "diagnosis.not_post": Phrase(
        "По этому адресу не принимают POST (HTTP {status}). Payme вызывает только методом POST.",
        "Bu manzil POST’ni qabul qilmaydi (HTTP {status}). Payme faqat POST bilan chaqiradi.",
        SENTENCES[Finding.NOT_POST],
    ),
    "diagnosis.broken": Phrase(
        "Endpoint сломался (HTTP {status}). Payme ждёт HTTP 200 и в случае сбоя: ошибку −32400 в JSON.",
        "Endpoint buzildi (HTTP {status}). Payme nosozlikda ham HTTP 200 kutadi: JSON ichida −32400 xatosi.",
        SENTENCES[Finding.BROKEN],
    ),
    "diagnosis.status": Phrase(
        "Endpoint ответил HTTP {status}. Payme ждёт HTTP 200 на любой вызов.",
        "Endpoint HTTP {status} bilan javob berdi. Payme har qanday chaqiruvga HTTP 200 kutadi.",
        SENTENCES[Finding.STATUS],
    ),
    "diagnosis.not_json": Phrase(
        "Пришёл не JSON-объект. Возможно, это адрес обычной веб-страницы.",
        "JSON obyekti kelmadi. Ehtimol, bu oddiy veb-sahifa manzilidir.",
        SENTENCES[Finding.NOT_JSON],
    ),
    "diagnosis.not_rpc": Phrase(
        "Пришёл JSON, но без result и без error.",
        "JSON keldi, ammo unda result ham, error ham yo‘q.",
        SENTENCES[Finding.NOT_RPC],
    ),
    "diagnosis.wrong_key": Phrase(
        "Отвечает, но не принимает ключ (−32504). Проверьте ключ кассы и логин.",
        "Javob beradi, lekin kalitni qabul qilmaydi (−32504). Kassa kaliti va loginni tekshiring.",
        SENTENCES[Finding.WRONG_KEY],
    ),
    "diagnosis.system": Phrase(
        "Отвечает внутренней ошибкой (−32400). Причина — в журнале вашего сервера.",
        "Ichki xato bilan javob beradi (−32400). Sababi — serveringiz jurnalida.",
        SENTENCES[Finding.SYSTEM],
    ),
    "diagnosis.odd_error": Phrase(
        "Отвечает, но о несуществующей транзакции говорит {detail}; правильный код — −31003.",
        "Javob beradi, ammo mavjud bo‘lmagan tranzaksiya haqida {detail} deydi; to‘g‘ri kod — −31003.",
        SENTENCES[Finding.ODD_ERROR],
    ),
    "diagnosis.knows_everything": Phrase(
        "Отвечает, но знает и несуществующую транзакцию ({detail}); правильный ответ — ошибка −31003.",
        "Javob beradi, ammo mavjud bo‘lmagan tranzaksiyani ham taniydi ({detail}); to‘g‘ri javob — −31003 xatosi.",
        SENTENCES[Finding.KNOWS_EVERYTHING],
    ),
    # the cabinet's way to a payment
    "open": Phrase("Открыть оплату", "To‘lovni ochish", "Open a payment"),
    "open.link": Phrase("Ссылка на оплату", "To‘lov havolasi", "Checkout link"),
    "open.link.text": Phrase(
        "Целиком или только часть base64, как её собрал ваш магазин.",
        "Butunicha yoki faqat base64 qismi, do‘koningiz yasaganidek.",
        "The whole of it, or the base64 part alone, as your shop has made it.",
    ),
    "open.button": Phrase("Открыть", "Ochish", "Open"),
    "open.by_hand": Phrase("Без ссылки: ввести вручную", "Havolasiz: qo‘lda kiritish", "Without a link: by hand"),
    "open.field": Phrase("Поле счёта", "Hisob maydoni", "Account field"),
    "open.value": Phrase("Значение", "Qiymati", "Value"),
    "open.amount": Phrase("Сумма в тийинах", "Summa, tiyinda", "Amount in tiyin"),
    "open.amount.text": Phrase("1 сум = 100 тийинов", "1 so‘m = 100 tiyin", "1 so‘m = 100 tiyin"),
    # the cabinet's receipts
    "receipts": Phrase("Чеки", "Cheklar", "Receipts"),
    "receipts.text": Phrase(
        "Учёт Payme, отдельно от вашего. Отсюда возвращают деньги.",
        "Payme’ning o‘z hisobi, siznikidan alohida. Pul shu yerdan qaytariladi.",
        "Payme’s own books, apart from yours. Refunds start here.",
    ),
    "receipts.number": Phrase(
        "Число в скобках — состояние чека в Payme: 4 — оплачен, 30 — в очереди на проведение, "
        "21 — в очереди на отмену, 50 — отменён.",
        "Qavsdagi son — chekning Payme’dagi holati: 4 — to‘langan, 30 — tasdiqlash navbatida, "
        "21 — bekor qilish navbatida, 50 — bekor qilingan.",
        "The number in brackets is Payme’s receipt state: 4 = paid, 30 = in the queue to be performed, "
        "21 = in the queue to be cancelled, 50 = cancelled.",
    ),
    "receipts.empty": Phrase("Оплат ещё не было.", "Hali to‘lovlar bo‘lmagan.", "No payments yet."),
    "receipts.created": Phrase("создан {time}", "yaratildi {time}", "created {time}"),
    "receipts.paid": Phrase("оплачен {time}", "to‘landi {time}", "paid {time}"),
    "receipts.cancelled": Phrase("отменён {time}", "bekor qilindi {time}", "cancelled {time}"),
    "refund": Phrase("Вернуть деньги", "Pulni qaytarish", "Refund"),
    "refund.refused": Phrase("Магазин отказал: {found}", "Do‘kon rad etdi: {found}", "The shop refused: {found}"),
    "standing.new": Phrase("не начат", "boshlanmagan", "not begun"),
    "standing.refused": Phrase("не принят", "qabul qilinmagan", "not accepted"),
    "standing.creating": Phrase("создаётся, ответа нет", "yaratilmoqda, javob yo‘q", "being created, no answer"),
    "standing.debiting": Phrase("в работе", "jarayonda", "at work"),
    "standing.queued": Phrase("списан, не подтверждён", "yechildi, tasdiqlanmadi", "debited, not confirmed"),
    "standing.paid": Phrase("оплачен", "to‘langan", "paid"),
    "standing.returned": Phrase("деньги вернутся", "pul qaytariladi", "money goes back"),
    "standing.cancelling": Phrase(
        "отменяется, ответа нет", "bekor qilinmoqda, javob yo‘q", "being cancelled, no answer"
    ),
    "standing.cancelled": Phrase("отменён", "bekor qilingan", "cancelled"),
    "standing.refunded": Phrase("возвращён", "qaytarilgan", "refunded"),
    # the cabinet's comparison
    "compare": Phrase("Сверка", "Solishtirish", "Comparison"),
    "compare.text": Phrase(
        "Payme запросит выписку (GetStatement) и каждую транзакцию (CheckTransaction) и сверит их со своими чеками.",
        "Payme ko‘chirma (GetStatement) va har bir tranzaksiyani "
        "(CheckTransaction) so‘rab, o‘z cheklari bilan solishtiradi.",
        "Payme asks for the statement (GetStatement) and each transaction (CheckTransaction), beside its own receipts.",
    ),
    "compare.button": Phrase("Сверить с магазином", "Do‘kon bilan solishtirish", "Compare with the merchant"),
    "compare.agree": Phrase("Чеки сходятся: {count}", "Cheklar mos: {count}", "The books agree: {count}"),
    "compare.differ": Phrase("Расхождения: {count}", "Tafovutlar: {count}", "Disagreements: {count}"),
    "compare.here": Phrase("у Payme", "Payme’da", "Payme"),
    "compare.there": Phrase("у магазина", "do‘konda", "merchant"),
    "books.no_answer": Phrase(
        "CheckTransaction не ответил", "CheckTransaction javob bermadi", "CheckTransaction did not answer"
    ),
    "books.unknown_there": Phrase(
        "Магазин не знает этой транзакции", "Do‘kon bu tranzaksiyani bilmaydi", "Unknown to the merchant"
    ),
    "books.state_unreadable": Phrase("Состояние не читается", "Holatni o‘qib bo‘lmaydi", "The state cannot be read"),
    "books.paid_here_open_there": Phrase(
        "Оплачен здесь, там ещё открыт", "Bu yerda to‘langan, u yerda hali ochiq", "Paid here, still open there"
    ),
    "books.paid_here_cancelled_there": Phrase(
        "Оплачен здесь, там отменён", "Bu yerda to‘langan, u yerda bekor qilingan", "Paid here, cancelled there"
    ),
    "books.paid_there_only": Phrase(
        "Оплачен там, здесь нет", "U yerda to‘langan, bu yerda yo‘q", "Paid there, not here"
    ),
    "books.open_there_only": Phrase(
        "Закрыт здесь, там ещё открыт", "Bu yerda yopilgan, u yerda hali ochiq", "Closed here, still open there"
    ),
    "books.cancelled_there_only": Phrase(
        "Отменён там, здесь нет", "U yerda bekor qilingan, bu yerda yo‘q", "Cancelled there, not here"
    ),
    "books.refund_differs": Phrase(
        "Расходятся данные о возврате", "Qaytarish haqidagi ma’lumotlar mos emas", "They disagree about a refund"
    ),
    "books.field_missing": Phrase("Нет поля {field}", "{field} maydoni yo‘q", "{field} is missing"),
    "books.time_missing": Phrase("{field} не проставлено", "{field} qo‘yilmagan", "{field} is not set"),
    "books.time_too_much": Phrase(
        "{field} проставлено, хотя не должно быть",
        "{field} qo‘yilgan, bo‘lmasligi kerak edi",
        "{field} is set, and should not be",
    ),
    "books.reason_differs": Phrase(
        "Другая причина отмены", "Bekor qilish sababi boshqa", "Another reason of the cancellation"
    ),
    "books.told_otherwise": Phrase(
        "{field}: раньше магазин называл другое",
        "{field}: do‘kon avval boshqasini aytgan",
        "{field}: the merchant said otherwise before",
    ),
    "books.statement_unreadable": Phrase(
        "Выписка не читается", "Ko‘chirmani o‘qib bo‘lmaydi", "The statement cannot be read"
    ),
    "books.missing_in_statement": Phrase("Нет в выписке", "Ko‘chirmada yo‘q", "Missing in the statement"),
    "books.listed_twice": Phrase("В выписке дважды", "Ko‘chirmada ikki marta", "Listed twice in the statement"),
    "books.only_in_statement": Phrase(
        "Есть в выписке, здесь нет", "Ko‘chirmada bor, bu yerda yo‘q", "In the statement, but not here"
    ),
    "books.amount_differs": Phrase("Сумма другая", "Summa boshqa", "The amount differs"),
    "books.account_differs": Phrase("Счёт другой", "Hisob boshqa", "The account differs"),
    "books.payme_time_differs": Phrase(
        "В выписке не то время, что у Payme",
        "Ko‘chirmadagi vaqt Payme’nikidan boshqa",
        "The statement has not Payme’s time",
    ),
    "books.row_differs": Phrase(
        "{field}: выписка и CheckTransaction расходятся",
        "{field}: ko‘chirma va CheckTransaction mos emas",
        "{field}: the statement and CheckTransaction differ",
    ),
    "books.out_of_order": Phrase(
        "Выписка не по порядку времени", "Ko‘chirma vaqt tartibida emas", "The statement is not in order of time"
    ),
    # scenarios
    "scenarios": Phrase(
        "Что не так с моим endpoint?", "Endpoint’imda nima noto‘g‘ri?", "What is wrong with my endpoint?"
    ),
    "scenarios.text": Phrase(
        "Сценарии песочницы Payme и то, что бывает в жизни: повторы, потерянные "
        "ответы, гонки, 12 часов. Каждый вызов проверяется.",
        "Payme sinov muhiti ssenariylari va hayotda uchraydiganlar: takrorlar, yo‘qolgan "
        "javoblar, poygalar, 12 soat. Har bir chaqiruv tekshiriladi.",
        "The scenarios of Payme’s sandbox, and what happens in life: repetitions, "
        "lost replies, races, 12 hours. Every call is judged.",
    ),
    "scenarios.account": Phrase(
        "Счёта, которые можно оплатить", "To‘lasa bo‘ladigan hisoblar", "Accounts that may be paid"
    ),
    "scenarios.account.text": Phrase(
        "Заказы в вашей тестовой базе, по одной сумме: order_id=1001..1060 или "
        "order_id=7,9,12. Сценарии их оплатят и отменят.",
        "Sinov bazangizdagi bir xil summali buyurtmalar: order_id=1001..1060 yoki "
        "order_id=7,9,12. Ssenariylar ularni to‘laydi va bekor qiladi.",
        "Orders in your test database, all of one amount: order_id=1001..1060 or "
        "order_id=7,9,12. The scenarios pay and cancel them.",
    ),
    "scenarios.shop": Phrase(
        "или служебный адрес тестового магазина (URL)",
        "yoki sinov do‘konining xizmat manzili (URL)",
        "or the side door of a test shop (URL)",
    ),
    "scenarios.type": Phrase("Тип счёта", "Hisob turi", "Account type"),
    "scenarios.one_time": Phrase(
        "Одноразовый: оплачивают один раз, как заказ",
        "Bir martalik: buyurtma kabi bir marta to‘lanadi",
        "One-time: paid once, like an order",
    ),
    "scenarios.accumulative": Phrase(
        "Накопительный: платят сколько угодно раз, как баланс телефона",
        "Jamg‘arib boriladigan: telefon balansi kabi istagancha to‘lanadi",
        "Accumulative: paid any number of times, like a phone’s balance",
    ),
    "scenarios.run": Phrase("Проверить", "Tekshirish", "Run the scenarios"),
    "scenarios.again": Phrase("Проверить ещё раз", "Yana tekshirish", "Run them again"),
    "scenarios.running": Phrase(
        "Проверяем: {done} из {all}", "Tekshirilmoqda: {all} tadan {done} tasi", "Running: {done} of {all}"
    ),
    "scenarios.done": Phrase(
        "Прошли {passed}, не прошли {failed}, не выполнены {not_run}",
        "O‘tdi {passed}, o‘tmadi {failed}, bajarilmadi {not_run}",
        "{passed} passed, {failed} failed, {not_run} not run",
    ),
    "scenarios.broken": Phrase(
        "Проверка прервалась: {why}", "Tekshiruv uzilib qoldi: {why}", "The run broke off: {why}"
    ),
    "scenarios.stopped": Phrase("Остановлено", "To‘xtatildi", "Stopped"),
    "scenarios.stop": Phrase("Остановить", "To‘xtatish", "Stop"),
    "scenarios.first": Phrase("Сначала подключите endpoint.", "Avval endpoint’ni ulang.", "Connect an endpoint first."),
    "scenarios.source": Phrase("Документация Payme", "Payme hujjati", "Payme’s documentation"),
    "scenarios.english": Phrase(
        "Сами сценарии и найденные ошибки описаны по-английски.",
        "Ssenariylarning o‘zi va topilgan xatolar ingliz tilida yozilgan.",
        "The scenarios and what they find are in English.",
    ),
    "scenarios.used": Phrase(
        "Каждой проверке нужны новые заказы; эта взяла {used}.",
        "Har bir tekshiruvga yangi buyurtmalar kerak; bu tekshiruv {used} ni ishlatdi.",
        "Each run needs fresh orders; this one was given {used}.",
    ),
    "scenarios.failures": Phrase("Что не прошло", "Nima o‘tmadi", "What failed"),
    "scenarios.passed": Phrase("прошли: {count}", "o‘tdi: {count}", "{count} passed"),
    "scenarios.failed": Phrase("не прошли: {count}", "o‘tmadi: {count}", "{count} failed"),
    "scenarios.not_run": Phrase("не выполнены: {count}", "bajarilmadi: {count}", "{count} not run"),
    "scenarios.alike": Phrase("и ещё {count} таких же", "va yana shunday {count} ta", "and {count} more alike"),
    "scenarios.expected": Phrase("ожидалось", "kutilgan", "expected"),
    "scenarios.found": Phrase("пришло", "keldi", "found"),
    "scenarios.wrong": Phrase("Проверка не запущена: {why}", "Tekshiruv boshlanmadi: {why}", "Not run: {why}"),
}
