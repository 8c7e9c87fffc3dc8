/** Every word a shopper reads here, in three languages. Native readers: this is the file, and catalogue.ts. */

export const LOCALES = { ru: "Русский", uz: "O‘zbekcha", en: "English" } as const

export type Locale = keyof typeof LOCALES
export type Phrase = Record<Locale, string>
export type TextKey = keyof typeof TEXTS

/** `say("order.thanks", "en", { number: "7" })` → `Thank you! Order 7 is paid` */
export function say(key: TextKey, locale: Locale, values: Record<string, string> = {}): string {
  return TEXTS[key][locale].replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "")
}

const TEXTS = {
  "money.som": { ru: "сум", uz: "so‘m", en: "so‘m" },
  "money.free": { ru: "Бесплатно", uz: "Bepul", en: "Free" },

  // every page
  "shop.slogan": {
    ru: "Керамика и ткани Узбекистана",
    uz: "O‘zbekiston sopoli va matolari",
    en: "Ceramics and cloth of Uzbekistan",
  },
  language: { ru: "Язык", uz: "Til", en: "Language" },
  loading: { ru: "Загружаем…", uz: "Yuklanmoqda…", en: "Loading…" },
  "footer.honest": {
    ru:
      "Демо: магазин на настоящей Medusa, sidecar и callback тоже настоящие. Страница Payme — заместитель: карта " +
      "не нужна, деньги не списываются.",
    uz:
      "Demo: do‘kon haqiqiy Medusa’da ishlaydi, sidecar va callback ham haqiqiy. Payme sahifasi — o‘rinbosar: " +
      "karta kerak emas, pul yechilmaydi.",
    en:
      "Demo: a shop on a real Medusa, with the real sidecar and callback. Payme’s page is a stand-in: no card is " +
      "asked for, no money moves.",
  },
  "missing.title": { ru: "Такой страницы нет", uz: "Bunday sahifa yo‘q", en: "There is no such page" },

  // shop
  "shop.intro": {
    ru: "Вещи мастеров из Риштана и Маргилана — прямо из мастерской.",
    uz: "Rishton va Marg‘ilon ustalarining buyumlari — to‘g‘ridan-to‘g‘ri ustaxonadan.",
    en: "Things made by hand in Rishtan and Margilan, straight from the workshop.",
  },
  "shop.title": {
    ru: "Чай вкуснее из своей пиалы",
    uz: "Choy o‘z piyolangizda mazaliroq",
    en: "Tea tastes better from a bowl of your own",
  },
  "shop.more": { ru: "Ещё из мастерских", uz: "Ustaxonalardan yana", en: "More from the workshops" },
  "shop.add": { ru: "В корзину", uz: "Savatga solish", en: "Add to cart" },

  // cart
  "cart.link": { ru: "Корзина", uz: "Savat", en: "Cart" },
  "cart.title": { ru: "Корзина", uz: "Savat", en: "Your cart" },
  "cart.empty": { ru: "Здесь пока пусто.", uz: "Bu yer hozircha bo‘sh.", en: "Nothing here yet." },
  "cart.shop": { ru: "Посмотреть вещи", uz: "Buyumlarni ko‘rish", en: "See what there is" },
  "cart.quantity": { ru: "Количество", uz: "Soni", en: "Quantity" },
  "cart.fewer": { ru: "Меньше", uz: "Kamroq", en: "Fewer" },
  "cart.another": { ru: "Больше", uz: "Ko‘proq", en: "More" },
  "cart.checkout": { ru: "Оформить заказ", uz: "Buyurtma berish", en: "Go to checkout" },

  // what it costs
  "sum.title": { ru: "Ваш заказ", uz: "Buyurtmangiz", en: "Your order" },
  "sum.goods": { ru: "Товары", uz: "Buyumlar", en: "Goods" },
  "sum.delivery": { ru: "Доставка", uz: "Yetkazish", en: "Delivery" },
  "sum.returned": { ru: "Возвращено", uz: "Qaytarildi", en: "Returned" },
  "sum.total": { ru: "Итого", uz: "Jami", en: "Total" },

  // checkout
  steps: { ru: "Шаги заказа", uz: "Buyurtma bosqichlari", en: "Steps of the order" },
  "step.address": { ru: "Адрес", uz: "Manzil", en: "Address" },
  "step.delivery": { ru: "Доставка", uz: "Yetkazish", en: "Delivery" },
  "step.payment": { ru: "Оплата", uz: "To‘lov", en: "Payment" },
  "step.review": { ru: "Проверка", uz: "Tekshirish", en: "Review" },
  "checkout.change": { ru: "Изменить", uz: "O‘zgartirish", en: "Change" },

  "address.title": { ru: "Кому и куда", uz: "Kimga va qayerga", en: "To whom, and where" },
  "address.email": { ru: "Электронная почта", uz: "Elektron pochta", en: "Email" },
  "address.first_name": { ru: "Имя", uz: "Ism", en: "First name" },
  "address.last_name": { ru: "Фамилия", uz: "Familiya", en: "Last name" },
  "address.phone": { ru: "Телефон", uz: "Telefon", en: "Phone" },
  "address.city": { ru: "Город", uz: "Shahar", en: "City" },
  "address.address_1": { ru: "Улица, дом, квартира", uz: "Ko‘cha, uy, xonadon", en: "Street, house, flat" },
  "address.postal_code": { ru: "Индекс", uz: "Pochta indeksi", en: "Postal code" },
  "address.example": {
    ru: "Для демо адрес уже заполнен; его можно поменять.",
    uz: "Demo uchun manzil to‘ldirib qo‘yilgan; uni o‘zgartirish mumkin.",
    en: "The demo has filled this in; change it as you like.",
  },
  "address.continue": { ru: "Дальше: доставка", uz: "Keyingisi: yetkazish", en: "Continue to delivery" },

  "delivery.title": { ru: "Как доставить?", uz: "Qanday yetkazamiz?", en: "How shall it reach you?" },
  "delivery.none": {
    ru: "По этому адресу мы не доставляем.",
    uz: "Bu manzilga yetkazib bermaymiz.",
    en: "We do not deliver to this address.",
  },
  "delivery.continue": { ru: "Дальше: оплата", uz: "Keyingisi: to‘lov", en: "Continue to payment" },

  "payment.title": { ru: "Как вы хотите заплатить?", uz: "Qanday to‘laysiz?", en: "How would you like to pay?" },
  "payment.payme": {
    ru: "Картой Uzcard или Humo, на странице Payme",
    uz: "Uzcard yoki Humo kartasi bilan, Payme sahifasida",
    en: "By Uzcard or Humo, on Payme’s page",
  },
  "payment.manual": { ru: "При получении", uz: "Qabul qilganda", en: "On delivery" },
  "payment.manual.text": {
    ru: "Наличными или картой курьеру",
    uz: "Kuryerga naqd yoki karta bilan",
    en: "In cash or by card, to the courier",
  },
  "payment.none": {
    ru: "Сейчас заплатить нельзя: магазин не подключил ни одного способа оплаты.",
    uz: "Hozir to‘lab bo‘lmaydi: do‘kon birorta to‘lov usulini ulamagan.",
    en: "There is no way to pay just now: the shop has connected none.",
  },
  "payment.nothing_yet": {
    ru: "Сейчас ничего не спишется: на следующем шаге вы ещё раз увидите заказ.",
    uz: "Hozir pul yechilmaydi: keyingi bosqichda buyurtmani yana bir bor ko‘rasiz.",
    en: "Nothing is charged now: the next step shows the order once more.",
  },
  "payment.continue": { ru: "Дальше: проверка", uz: "Keyingisi: tekshirish", en: "Continue to review" },

  "review.title": { ru: "Проверьте заказ", uz: "Buyurtmani tekshiring", en: "Review your order" },
  "review.pay": { ru: "Оплатить {amount}", uz: "{amount} to‘lash", en: "Pay {amount}" },
  "review.place": { ru: "Оформить заказ", uz: "Buyurtmani tasdiqlash", en: "Place the order" },
  "review.no_session.title": {
    ru: "Выберите способ оплаты",
    uz: "To‘lov usulini tanlang",
    en: "Choose how to pay",
  },
  "review.no_session.text": {
    ru:
      "К этой корзине сейчас не привязана оплата. Если вы уже заплатили, снова платить не нужно: оплаченный заказ " +
      "не потеряется.",
    uz:
      "Hozir bu savatga to‘lov biriktirilmagan. Agar to‘lagan bo‘lsangiz, yana to‘lash shart emas: to‘langan " +
      "buyurtma yo‘qolmaydi.",
    en:
      "No payment belongs to this cart at the moment. If you have paid, there is no need to pay again: a paid " +
      "order is not lost.",
  },
  "review.elsewhere.title": {
    ru: "Корзины нет в этом браузере",
    uz: "Savat bu brauzerda yo‘q",
    en: "The cart is not in this browser",
  },
  "review.elsewhere.text": {
    ru:
      "Если вы заплатили, заказ оформится сам, и снова платить не нужно. Чтобы увидеть его, вернитесь в браузер, " +
      "где начали покупку.",
    uz:
      "Agar to‘lagan bo‘lsangiz, buyurtma o‘zi rasmiylashadi, yana to‘lash shart emas. Uni ko‘rish uchun xaridni " +
      "boshlagan brauzerga qayting.",
    en:
      "If you have paid, the order is placed by itself and there is no need to pay again. To see it, go back to " +
      "the browser in which you began.",
  },

  // confirmation
  "order.paid.title": {
    ru: "Спасибо! Заказ оплачен",
    uz: "Rahmat! Buyurtma to‘landi",
    en: "Thank you! Your order is paid",
  },
  "order.paid.text": {
    ru: "Мастерская уже заворачивает ваши вещи.",
    uz: "Ustaxona buyumlaringizni o‘rayapti.",
    en: "The workshop is wrapping your things.",
  },
  "order.open.title": {
    ru: "Спасибо! Заказ принят",
    uz: "Rahmat! Buyurtma qabul qilindi",
    en: "Thank you! We have your order",
  },
  "order.open.text": {
    ru: "Оплата по нему ещё не поступила.",
    uz: "U bo‘yicha to‘lov hali kelmagan.",
    en: "It has not been paid yet.",
  },
  "order.refunded.title": { ru: "Деньги возвращены", uz: "Pul qaytarildi", en: "The money was returned" },
  "order.refunded.text": {
    ru: "Payme вернул оплату на вашу карту.",
    uz: "Payme to‘lovni kartangizga qaytardi.",
    en: "Payme has returned the payment to your card.",
  },
  "order.canceled.title": { ru: "Заказ отменён", uz: "Buyurtma bekor qilindi", en: "The order was cancelled" },
  "order.canceled.text": {
    ru: "Оплаты по нему не было.",
    uz: "U bo‘yicha to‘lov bo‘lmagan.",
    en: "It had not been paid.",
  },
  "order.number": { ru: "Номер заказа", uz: "Buyurtma raqami", en: "Order number" },
  "order.status": { ru: "Оплата", uz: "To‘lov", en: "Payment" },
  "order.status.paid": { ru: "Оплачен", uz: "To‘langan", en: "Paid" },
  "order.status.open": { ru: "Ждёт оплаты", uz: "To‘lov kutilmoqda", en: "Awaiting payment" },
  "order.status.refunded": { ru: "Деньги возвращены", uz: "Pul qaytarilgan", en: "Refunded" },
  "order.status.canceled": { ru: "Отменён", uz: "Bekor qilingan", en: "Cancelled" },
  "order.to": { ru: "Получатель", uz: "Qabul qiluvchi", en: "Recipient" },
  "order.more": { ru: "Продолжить покупки", uz: "Xaridni davom ettirish", en: "Keep shopping" },
  "order.refund.title": {
    ru: "А если вернуть деньги?",
    uz: "Pulni qaytarish kerak bo‘lsa-chi?",
    en: "And a refund?",
  },
  "order.refund.text": {
    ru: "Возврат начинается в кабинете Payme. Здесь вместо него — заместитель; вернувшись, вы увидите новый статус.",
    uz: "Qaytarish Payme kabinetida boshlanadi. Bu yerda uning o‘rinbosari; qaytib kelsangiz, yangi holatni ko‘rasiz.",
    en: "It starts in Payme’s cabinet; here, in its stand-in. Come back to this page to see the new status.",
  },
  "order.refund.link": {
    ru: "Вернуть деньги в кабинете Payme",
    uz: "Payme kabinetida pulni qaytarish",
    en: "Refund from Payme’s cabinet",
  },

  // what Medusa refuses
  "refusal.title": { ru: "Не получилось", uz: "Bo‘lmadi", en: "That did not work" },
  "refusal.held": {
    ru:
      "Payme сейчас проводит оплату этой корзины, поэтому менять её нельзя. Завершите или отмените оплату на " +
      "странице Payme.",
    uz:
      "Payme hozir bu savat uchun to‘lovni o‘tkazmoqda, shuning uchun uni o‘zgartirib bo‘lmaydi. To‘lovni Payme " +
      "sahifasida yakunlang yoki bekor qiling.",
    en: "A Payme payment of this cart is under way, so it cannot change. Finish or cancel the payment on Payme’s page.",
  },
  "refusal.paid": {
    ru: "Эта корзина уже оплачена через Payme, её заказ оформляется. Снова платить не нужно.",
    uz: "Bu savat Payme orqali to‘langan, buyurtmasi rasmiylashtirilmoqda. Yana to‘lash shart emas.",
    en: "This cart has been paid with Payme and its order is being placed. There is no need to pay again.",
  },
  "refusal.stock": {
    ru: "К сожалению, столько уже нет в наличии. Уменьшите количество или уберите товар из корзины.",
    uz: "Afsuski, bunchasi qolmagan. Sonini kamaytiring yoki buyumni savatdan olib tashlang.",
    en: "Sorry, there is not that much left in stock. Take fewer, or take it out of the cart.",
  },
  "refusal.completed": {
    ru: "Заказ по этой корзине уже оформлен.",
    uz: "Bu savat bo‘yicha buyurtma rasmiylashtirilgan.",
    en: "The order of this cart has been placed already.",
  },
  "refusal.no_order": { ru: "Такого заказа нет.", uz: "Bunday buyurtma yo‘q.", en: "There is no such order." },
  "refusal.unreachable": {
    ru: "Магазин сейчас не отвечает. Попробуйте через минуту.",
    uz: "Do‘kon hozir javob bermayapti. Bir daqiqadan so‘ng urinib ko‘ring.",
    en: "The shop does not answer just now. Try again in a minute.",
  },
  "refusal.unavailable": {
    ru: "Что-то пошло не так на стороне магазина. Попробуйте через минуту.",
    uz: "Do‘kon tomonida xatolik yuz berdi. Bir daqiqadan so‘ng urinib ko‘ring.",
    en: "Something went wrong on the shop’s side. Try again in a minute.",
  },
  "refusal.said": { ru: "Магазин ответил: {words}", uz: "Do‘kon javobi: {words}", en: "The shop said: {words}" },
  "refusal.to_review": { ru: "К оплате этой корзины", uz: "Bu savat to‘loviga", en: "To the payment of this cart" },
} as const satisfies Record<string, Phrase>
