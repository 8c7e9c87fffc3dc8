"""Every word a shopper reads, in the three languages of Payme's buyers. Native readers: this is the file."""

from typing import Final

from payme_sandbox.languages import Phrase

TEXTS: Final[dict[str, Phrase]] = {
    "money.som": Phrase("сум", "so‘m", "so‘m"),
    # every page
    "footer.honest": Phrase(
        "Демо: этот магазин и эта страница Payme — имитация; sidecar и callback настоящие.",
        "Demo: bu do‘kon va bu Payme sahifasi — imitatsiya; sidecar va callback haqiqiy.",
        "Demo: this shop and this Payme page are stand-ins; the sidecar and the callback are real.",
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
    # the till
    "kiosk.name": Phrase("Касса с QR-кодом", "QR-kodli kassa", "Till with a QR code"),
    "kiosk.invitation": Phrase(
        "Мы и на ярмарке: там покупатель платит телефоном, прямо с экрана кассы.",
        "Biz yarmarkada ham bormiz: u yerda xaridor kassa ekranidan telefon bilan to‘laydi.",
        "We are at the market, too: there the customer pays by phone, straight from the till’s screen.",
    ),
    "kiosk.title": Phrase("Что берёт покупатель?", "Xaridor nima olmoqda?", "What is the customer taking?"),
    "kiosk.intro": Phrase(
        "Одно нажатие — новый заказ и код, который оплачивают телефоном.",
        "Bir bosish — yangi buyurtma va telefon bilan to‘lanadigan kod.",
        "One press makes a new order and a code that a phone can pay.",
    ),
    "kiosk.show": Phrase("Показать код", "Kodni ko‘rsatish", "Show the code"),
    "kiosk.scan": Phrase("Наведите камеру телефона", "Telefon kamerasini qarating", "Point your phone’s camera here"),
    "kiosk.picture": Phrase("QR-код для оплаты", "To‘lov uchun QR-kod", "QR code of the payment"),
    "kiosk.amount": Phrase("К оплате", "To‘lanadi", "To pay"),
    "kiosk.order": Phrase("Заказ", "Buyurtma", "Order"),
    "kiosk.link": Phrase(
        "Без камеры: откройте эту ссылку.", "Kamerasiz: shu havolani oching.", "Without a camera: open this link."
    ),
    "kiosk.canceled": Phrase(
        "Оплата не прошла, деньги не списаны. Код действует: можно попробовать ещё раз.",
        "To‘lov amalga oshmadi, pul yechilmadi. Kod amal qiladi: yana urinib ko‘rish mumkin.",
        "The payment did not go through and no money was taken. The code is still good: try again.",
    ),
    "kiosk.waiting.title": Phrase("Оплата началась", "To‘lov boshlandi", "The payment has begun"),
    "kiosk.waiting.text": Phrase(
        "Подтвердите её в телефоне. Как только Payme её проведёт, здесь появится ответ.",
        "Uni telefonda tasdiqlang. Payme to‘lovni amalga oshirishi bilan bu yerda javob chiqadi.",
        "Confirm it on the phone. As soon as Payme has performed it, this screen will say so.",
    ),
    "kiosk.away.title": Phrase(
        "Платёжный сервис не отвечает", "To‘lov xizmati javob bermayapti", "The payment service does not answer"
    ),
    "kiosk.away.text": Phrase(
        "Касса спросит ещё раз сама. Если вы уже заплатили, не платите снова.",
        "Kassa o‘zi yana so‘raydi. Agar to‘lagan bo‘lsangiz, qayta to‘lamang.",
        "The till will ask again by itself. If you have paid, do not pay again.",
    ),
    "kiosk.paid.title": Phrase("Оплачено", "To‘landi", "Paid"),
    "kiosk.paid.number": Phrase("Заказ № {number}", "{number}-buyurtma", "Order {number}"),
    "kiosk.paid.text": Phrase(
        "Спасибо! Заберите покупку.", "Rahmat! Xaridingizni oling.", "Thank you! Please take your purchase."
    ),
    "kiosk.closed.title": Phrase(
        "Этот код больше не действует", "Bu kod endi amal qilmaydi", "This code is no longer good"
    ),
    "kiosk.closed.text": Phrase(
        "Оплата отменена. Покажите покупателю новый код.",
        "To‘lov bekor qilindi. Xaridorga yangi kod ko‘rsating.",
        "The payment was cancelled. Show the customer a new code.",
    ),
    "kiosk.new_code": Phrase("Новый код", "Yangi kod", "New code"),
    "kiosk.next": Phrase("Следующий покупатель", "Keyingi xaridor", "Next customer"),
    "kiosk.start_over": Phrase("Отменить и начать заново", "Bekor qilib, qaytadan boshlash", "Cancel and start over"),
    "kiosk.check": Phrase("Проверить оплату", "To‘lovni tekshirish", "Check the payment"),
    "kiosk.offline": Phrase(
        "Нет связи. Пробуем снова…",
        "Aloqa yo‘q. Qayta urinmoqdamiz…",
        "No connection. Trying again…",
    ),
    "kiosk.phone.title": Phrase("Посмотрите на экран кассы", "Kassa ekraniga qarang", "Look at the till’s screen"),
    "kiosk.phone.text": Phrase(
        "Там видно, прошла ли оплата. Эту страницу можно закрыть.",
        "To‘lov o‘tgan-o‘tmagani o‘sha yerda ko‘rinadi. Bu sahifani yopish mumkin.",
        "It shows whether the payment has arrived. You may close this page.",
    ),
    # a page that is not there
    "missing.title": Phrase("Такой страницы нет", "Bunday sahifa yo‘q", "There is no such page"),
}
