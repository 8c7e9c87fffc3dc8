"""Every word a shopper reads, in the three languages of Payme's buyers. Native readers: this is the file."""

from typing import Final, Literal, NamedTuple, TypeGuard

Locale = Literal["ru", "uz", "en"]

LOCALES: Final[dict[Locale, str]] = {"ru": "Русский", "uz": "O‘zbekcha", "en": "English"}
DEFAULT_LOCALE: Final[Locale] = "ru"


class Phrase(NamedTuple):
    ru: str
    uz: str
    en: str

    def in_(self, locale: Locale) -> str:
        return {"ru": self.ru, "uz": self.uz, "en": self.en}[locale]


def is_locale(text: str) -> TypeGuard[Locale]:
    return text in LOCALES


def locale_or_default(text: str) -> Locale:
    return text if is_locale(text) else DEFAULT_LOCALE


TEXTS: Final[dict[str, Phrase]] = {
    "money.som": Phrase("сум", "so‘m", "so‘m"),
    # every page
    "footer.honest": Phrase(
        "Демо: этот магазин и эта страница Payme — заместители; sidecar и callback настоящие.",
        "Demo: bu do‘kon va bu Payme sahifasi — o‘rinbosarlar; sidecar va callback haqiqiy.",
        "Demo: this shop and this Payme page are stand-ins; the sidecar and the callback are real.",
    ),
    "footer.payme": Phrase(
        "Демо: эта страница Payme — заместитель; sidecar и callback настоящие.",
        "Demo: bu Payme sahifasi — o‘rinbosar; sidecar va callback haqiqiy.",
        "Demo: this Payme page is a stand-in; the sidecar and the callback are real.",
    ),
    "shop.slogan": Phrase(
        "Керамика и ткани Узбекистана", "O‘zbekiston sopoli va matolari", "Ceramics and cloth of Uzbekistan"
    ),
    "language": Phrase("Язык", "Til", "Language"),
    "steps": Phrase("Шаги заказа", "Buyurtma bosqichlari", "Steps of the order"),
    "step.cart": Phrase("Корзина", "Savat", "Cart"),
    "step.payment": Phrase("Оплата", "To‘lov", "Payment"),
    "step.review": Phrase("Проверка", "Tekshirish", "Review"),
    "step.done": Phrase("Готово", "Tayyor", "Done"),
    # shop
    "shop.title": Phrase(
        "Чай вкуснее из своей пиалы", "Choy o‘z piyolangizda mazaliroq", "Tea tastes better from a bowl of your own"
    ),
    "shop.intro": Phrase(
        "Вещи мастеров из Риштана и Маргилана — прямо из мастерской.",
        "Rishton va Marg‘ilon ustalarining buyumlari — to‘g‘ridan-to‘g‘ri ustaxonadan.",
        "Things made by hand in Rishtan and Margilan, straight from the workshop.",
    ),
    "shop.add": Phrase("В корзину", "Savatga solish", "Add to cart"),
    "shop.more": Phrase("Ещё из мастерских", "Ustaxonalardan yana", "More from the workshops"),
    # cart
    "cart.title": Phrase("Корзина", "Savat", "Your cart"),
    "cart.empty": Phrase("Здесь пока пусто.", "Bu yer hozircha bo‘sh.", "Nothing here yet."),
    "cart.shop": Phrase("Посмотреть вещи", "Buyumlarni ko‘rish", "See what there is"),
    "cart.quantity": Phrase("Количество", "Soni", "Quantity"),
    "cart.fewer": Phrase("Меньше", "Kamroq", "Fewer"),
    "cart.another": Phrase("Больше", "Ko‘proq", "More"),
    "cart.total": Phrase("Итого", "Jami", "Total"),
    "cart.checkout": Phrase("К оплате", "To‘lovga o‘tish", "Go to payment"),
    # payment step
    "payment.title": Phrase("Как вы хотите заплатить?", "Qanday to‘laysiz?", "How would you like to pay?"),
    "payment.payme": Phrase(
        "Картой Uzcard или Humo, на странице Payme",
        "Uzcard yoki Humo kartasi bilan, Payme sahifasida",
        "By Uzcard or Humo, on Payme’s page",
    ),
    "payment.choose": Phrase("Выбрать Payme и продолжить", "Payme’ni tanlab davom etish", "Choose Payme and continue"),
    "payment.nothing_yet": Phrase(
        "Сейчас ничего не спишется: на следующем шаге вы ещё раз увидите заказ.",
        "Hozir pul yechilmaydi: keyingi bosqichda buyurtmani yana bir bor ko‘rasiz.",
        "Nothing is charged now: the next step shows the order once more.",
    ),
    "payment.unavailable": Phrase(
        "Платёжный сервис сейчас не отвечает. Ничего не списано; попробуйте через минуту.",
        "To‘lov xizmati hozir javob bermayapti. Pul yechilmadi; bir daqiqadan so‘ng urinib ko‘ring.",
        "The payment service does not answer just now. Nothing was charged; try again in a minute.",
    ),
    # review step
    "review.title": Phrase("Проверьте заказ", "Buyurtmani tekshiring", "Review your order"),
    "review.pay": Phrase("Оплатить {amount}", "{amount} to‘lash", "Pay {amount}"),
    "review.pay_again": Phrase("Попробовать ещё раз: {amount}", "Qayta urinish: {amount}", "Try again: {amount}"),
    "review.leads_to_payme": Phrase(
        "Кнопка ведёт на страницу Payme.", "Tugma Payme sahifasiga olib boradi.", "The button leads to Payme’s page."
    ),
    "review.change": Phrase("Изменить корзину", "Savatni o‘zgartirish", "Change the cart"),
    "review.canceled.title": Phrase("Оплата не прошла", "To‘lov amalga oshmadi", "The payment did not go through"),
    "review.canceled.text": Phrase(
        "Оплата была отменена или карта отклонена. Деньги не списаны. Заказ ждёт вас, можно заплатить снова.",
        "To‘lov bekor qilindi yoki karta rad etildi. Pul yechilmadi. Buyurtma sizni kutmoqda, qayta to‘lash mumkin.",
        "The payment was cancelled or the card declined. No money was taken. The order is still yours to pay.",
    ),
    "review.waiting.title": Phrase("Ждём ответа от Payme", "Payme javobini kutmoqdamiz", "Waiting for Payme’s word"),
    "review.waiting.text": Phrase(
        "Если вы заплатили, снова платить не нужно: Payme подтвердит оплату, и эта страница сама пойдёт дальше.",
        "Agar to‘lagan bo‘lsangiz, yana to‘lash shart emas: Payme tasdiqlashi bilan bu sahifaning o‘zi davom etadi.",
        "If you have paid, there is no need to pay again: this page goes on by itself as soon as Payme confirms.",
    ),
    "review.waiting.leave": Phrase(
        "Страницу можно закрыть: оплаченный заказ не потеряется.",
        "Sahifani yopish mumkin: to‘langan buyurtma yo‘qolmaydi.",
        "You may close this page: a paid order is not lost.",
    ),
    "review.finishing.title": Phrase("Оплата получена", "To‘lov qabul qilindi", "Payment received"),
    "review.finishing.text": Phrase(
        "Оформляем заказ, это займёт секунду.",
        "Buyurtma rasmiylashtirilmoqda, bir soniya.",
        "Placing your order; this takes a second.",
    ),
    "review.failed.title": Phrase("Такого заказа нет", "Bunday buyurtma yo‘q", "There is no such order"),
    "review.failed.text": Phrase(
        "Платёжный сервис не знает этого заказа. Деньги не принимались. Вернитесь в корзину и начните заново.",
        "To‘lov xizmati bu buyurtmani tanimaydi. Pul olinmagan. Savatga qayting va qaytadan boshlang.",
        "The payment service does not know this order and took no money for it. Go back to the cart and start again.",
    ),
    "review.closed.title": Phrase("Эта оплата закрыта", "Bu to‘lov yopilgan", "This payment is closed"),
    "review.closed.text": Phrase(
        "Заплатить по ней больше нельзя. Если деньги были списаны, Payme их вернул.",
        "Endi u bo‘yicha to‘lab bo‘lmaydi. Agar pul yechilgan bo‘lsa, Payme uni qaytargan.",
        "It can no longer be paid. If money was taken, Payme has returned it.",
    ),
    "review.back_to_cart": Phrase("Вернуться в корзину", "Savatga qaytish", "Back to the cart"),
    # order
    "order.thanks": Phrase(
        "Спасибо! Заказ № {number} оплачен", "Rahmat! {number}-buyurtma to‘landi", "Thank you! Order {number} is paid"
    ),
    "order.refunded": Phrase(
        "Заказ № {number}: деньги возвращены",
        "{number}-buyurtma: pul qaytarildi",
        "Order {number}: the money was returned",
    ),
    "order.soon": Phrase(
        "Мастерская уже заворачивает ваши вещи.",
        "Ustaxona buyumlaringizni o‘rayapti.",
        "The workshop is wrapping your things.",
    ),
    "order.refunded.text": Phrase(
        "Payme вернул оплату на вашу карту.",
        "Payme to‘lovni kartangizga qaytardi.",
        "Payme has returned the payment to your card.",
    ),
    "order.more": Phrase("Продолжить покупки", "Xaridni davom ettirish", "Keep shopping"),
    "order.refund_hint": Phrase(
        "Возврат начинается в кабинете Payme",
        "Qaytarish Payme kabinetida boshlanadi",
        "A refund starts in Payme’s cabinet",
    ),
    "timeline.title": Phrase("Что сейчас произошло", "Hozir nima bo‘ldi", "What just happened"),
    "timeline.session_registered": Phrase(
        "Магазин зарегистрировал платёжную сессию",
        "Do‘kon to‘lov sessiyasini ro‘yxatga oldi",
        "The shop registered the payment session",
    ),
    "timeline.session_updated": Phrase(
        "Магазин обновил платёжную сессию",
        "Do‘kon to‘lov sessiyasini yangiladi",
        "The shop updated the payment session",
    ),
    "timeline.payme_called": Phrase("Payme вызвал sidecar", "Payme sidecar’ni chaqirdi", "Payme called the sidecar"),
    "timeline.authorize_asked": Phrase(
        "Sidecar сообщил магазину об оплате",
        "Sidecar do‘konga to‘lov haqida xabar berdi",
        "The sidecar told the shop of the payment",
    ),
    "timeline.cancel_asked": Phrase(
        "Sidecar сообщил магазину о возврате",
        "Sidecar do‘konga qaytarish haqida xabar berdi",
        "The sidecar told the shop of the refund",
    ),
    "timeline.status_asked": Phrase(
        "Магазин переспросил sidecar", "Do‘kon sidecar’dan qayta so‘radi", "The shop asked the sidecar back"
    ),
    "timeline.answered_no": Phrase(
        "Магазин отказал sidecar’у", "Do‘kon sidecar’ga rad javobi berdi", "The shop refused the sidecar"
    ),
    "timeline.order_placed": Phrase(
        "Магазин оформил заказ", "Do‘kon buyurtmani rasmiylashtirdi", "The shop placed the order"
    ),
    "timeline.order_refunded": Phrase(
        "Магазин отметил возврат", "Do‘kon qaytarishni belgiladi", "The shop marked the refund"
    ),
    "timeline.shopper_returned": Phrase(
        "Покупатель вернулся через callback",
        "Xaridor callback orqali qaytdi",
        "The shopper came back by the callback",
    ),
    # a page that is not there
    "missing.title": Phrase("Такой страницы нет", "Bunday sahifa yo‘q", "There is no such page"),
    # Payme's page
    "payme.stand_in": Phrase("Заместитель Payme", "Payme o‘rinbosari", "Stand-in for Payme"),
    "payme.no_money": Phrase(
        "Это не настоящая страница Payme: карта не нужна, деньги не списываются.",
        "Bu haqiqiy Payme sahifasi emas: karta kerak emas, pul yechilmaydi.",
        "This is not Payme’s real page: no card is asked for, no money moves.",
    ),
    "payme.to": Phrase("Получатель", "Qabul qiluvchi", "Paid to"),
    "payme.amount": Phrase("К оплате", "Summa", "Amount"),
    "payme.order": Phrase("Заказ", "Buyurtma", "Order"),
    "payme.pay": Phrase("Оплатить", "To‘lash", "Pay"),
    "payme.retry": Phrase("Попробовать снова", "Qayta urinish", "Try again"),
    "payme.decline": Phrase("Карта отклонена", "Karta rad etilsin", "Card declined"),
    "payme.cancel": Phrase("Отменить", "Bekor qilish", "Cancel"),
    "payme.choose": Phrase("Что сделает покупатель?", "Xaridor nima qiladi?", "What does the buyer do?"),
    "payme.back": Phrase("Вернуться в магазин", "Do‘konga qaytish", "Back to the shop"),
    "payme.declined.title": Phrase("Банк отклонил карту", "Bank kartani rad etdi", "The bank declined the card"),
    "payme.declined.text": Phrase(
        "Деньги не списаны. Попробуйте ещё раз или вернитесь в магазин.",
        "Pul yechilmadi. Yana urinib ko‘ring yoki do‘konga qayting.",
        "No money was taken. Try again, or go back to the shop.",
    ),
    "payme.cancelled.title": Phrase("Оплата отменена", "To‘lov bekor qilindi", "The payment was cancelled"),
    "payme.cancelled.text": Phrase("Деньги не списаны.", "Pul yechilmadi.", "No money was taken."),
    "payme.refused.title": Phrase(
        "Магазин не принял оплату", "Do‘kon to‘lovni qabul qilmadi", "The shop did not accept the payment"
    ),
    "payme.unavailable.title": Phrase(
        "Сервис магазина не отвечает", "Do‘kon xizmati javob bermayapti", "The shop’s service does not answer"
    ),
    "payme.unavailable.text": Phrase(
        "Payme спросит ещё раз; нажмите «Попробовать снова», чтобы не ждать.",
        "Payme yana so‘raydi; kutmaslik uchun “Qayta urinish”ni bosing.",
        "Payme will ask again; press “Try again” if you would rather not wait.",
    ),
    "payme.paid.title": Phrase("Оплачено", "To‘landi", "Paid"),
    "payme.paid.text": Phrase(
        "Этот заказ уже оплачен.", "Bu buyurtma allaqachon to‘langan.", "This order has been paid already."
    ),
    "payme.defect.title": Phrase("Ошибка интеграции", "Integratsiya xatosi", "A defect in the integration"),
    "payme.code": Phrase("Код {code}", "Kod {code}", "Code {code}"),
    "payme.log": Phrase("Вызовы JSON-RPC: {count}", "JSON-RPC chaqiruvlari: {count}", "JSON-RPC calls: {count}"),
    "payme.request": Phrase("Запрос", "So‘rov", "Request"),
    "payme.reply": Phrase("Ответ", "Javob", "Reply"),
    "payme.unknown.title": Phrase("Ссылка не читается", "Havolani o‘qib bo‘lmadi", "This link cannot be read"),
    "payme.unknown.text": Phrase(
        "Поставщик не найден (−31601), либо ссылка повреждена. Вернитесь в магазин и попробуйте ещё раз.",
        "Yetkazib beruvchi topilmadi (−31601) yoki havola buzilgan. Do‘konga qaytib, yana urinib ko‘ring.",
        "The merchant is unknown (−31601), or the link is damaged. Go back to the shop and try again.",
    ),
    "payme.cabinet": Phrase("Кабинет Payme", "Payme kabineti", "Payme’s cabinet"),
    "payme.cabinet.text": Phrase(
        "Отсюда магазин возвращает деньги.", "Do‘kon pulni shu yerdan qaytaradi.", "This is where a shop returns money."
    ),
    "payme.cabinet.empty": Phrase("Оплат ещё не было.", "Hali to‘lovlar bo‘lmagan.", "No payments yet."),
    "payme.refund": Phrase("Вернуть деньги", "Pulni qaytarish", "Refund"),
    "payme.state.2": Phrase("оплачен", "to‘langan", "paid"),
    "payme.state.1": Phrase("в работе", "jarayonda", "at work"),
    "payme.state.0": Phrase("не принят", "qabul qilinmagan", "not accepted"),
    "payme.state.-1": Phrase("отменён", "bekor qilingan", "cancelled"),
    "payme.state.-2": Phrase("возвращён", "qaytarilgan", "refunded"),
}
