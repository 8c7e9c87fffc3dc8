/** Every word a shopper reads here, in the languages of Payme's buyers. Native readers: this is the file. */

import type { Stage } from "./stage"

export type Locale = "ru" | "uz" | "en"

export const LOCALES: readonly Locale[] = ["ru", "uz", "en"]

/** By language: "uz-Latn-UZ" is uz. Anything else is Russian, which every buyer of Payme's can be expected to read. */
export function localeOf(tag?: string | null): Locale {
  const language = tag?.toLowerCase().split(/[-_]/)[0]
  return LOCALES.find((locale) => locale === language) ?? "ru"
}

export interface Phrase {
  title: string
  text: string
}

export interface Texts {
  pay: string
  payAgain: string
  /** For shoppers who did not pay, when nobody could tell. */
  notPaid: string
  leaving: string
  check: string
  looking: string
  back: string
  stages: Record<Stage, Phrase>
}

const nothing: Phrase = { title: "", text: "" }

export const TEXTS: Record<Locale, Texts> = {
  ru: {
    pay: "Оплатить через Payme",
    payAgain: "Попробовать ещё раз",
    notPaid: "Я не платил(а): открыть страницу Payme",
    leaving: "Открываем Payme…",
    check: "Проверить ещё раз",
    looking: "Проверяем…",
    back: "Вернуться к способу оплаты",
    stages: {
      unread: nothing,
      checking: { title: "", text: "Кнопка ведёт на страницу Payme." },
      pay: { title: "", text: "Кнопка ведёт на страницу Payme." },
      leaving: { title: "", text: "Кнопка ведёт на страницу Payme." },
      returning: { title: "Проверяем оплату", text: "Это займёт секунду. Пожалуйста, не платите снова." },
      unpaid: {
        title: "Оплаты пока не было",
        text: "Payme не начинал оплату этого заказа. Заказ ждёт вас, можно заплатить.",
      },
      waiting: {
        title: "Ждём ответа от Payme",
        text:
          "Если вы заплатили, снова платить не нужно: как только Payme подтвердит оплату, эта страница сама пойдёт " +
          "дальше. Её можно и закрыть: оплаченный заказ не потеряется.",
      },
      overdue: {
        title: "Payme ещё не подтвердил оплату",
        text:
          "Если вы заплатили, снова платить не нужно: заказ будет оформлен, даже если закрыть эту страницу. Если вы " +
          "ушли со страницы Payme, не заплатив, Payme отменит эту попытку сам, самое позднее через 12 часов; потом " +
          "можно будет заплатить здесь снова.",
      },
      unsure: {
        title: "Пока не удалось узнать об оплате",
        text:
          "Если вы заплатили, пожалуйста, не платите снова: оплаченный заказ не потеряется. Проверьте ещё раз чуть " +
          "позже.",
      },
      unheard: {
        title: "Магазин пока не видит оплаты",
        text:
          "Если вы заплатили, пожалуйста, не платите снова: оплаченный заказ не потеряется. Если вы ушли со страницы " +
          "Payme, не заплатив, её можно открыть ещё раз.",
      },
      placing: { title: "Оплата получена", text: "Оформляем заказ, это займёт несколько секунд." },
      placed: { title: "Заказ оформлен", text: "Спасибо! Открываем его страницу." },
      attention: {
        title: "Ваша оплата получена",
        text:
          "Оформить заказ пока не удалось. Магазин знает об этом и займётся заказом. Пожалуйста, не платите снова: " +
          "деньги не потеряются.",
      },
      canceled: {
        title: "Оплата не прошла",
        text: "Оплата была отменена или карта отклонена. Деньги не списаны. Заказ ждёт вас, можно заплатить снова.",
      },
      dropped: {
        title: "Оплата не прошла",
        text:
          "Оплата была отменена или карта отклонена. Если деньги были списаны, Payme их вернул. Можно заплатить снова.",
      },
      unconfirmed: {
        title: "Оплата отменена",
        text:
          "Подробности сейчас узнать не удалось. Если деньги были списаны, Payme их вернёт. Прежде чем платить, " +
          "проверьте ещё раз.",
      },
      returned: { title: "Оплата отменена, деньги возвращены", text: "Payme вернул оплату на вашу карту." },
      closed: {
        title: "Эта оплата закрыта",
        text: "Заплатить по ней больше нельзя. Вернитесь к способу оплаты и снова выберите Payme.",
      },
      failed: {
        title: "Такой оплаты нет",
        text:
          "Платёжный сервис не знает этой оплаты и не принимал по ней денег. Вернитесь к способу оплаты и снова " +
          "выберите Payme.",
      },
      linkless: {
        title: "Нет ссылки на страницу Payme",
        text: "Магазин не получил ссылку для оплаты. Деньги не списаны. Вернитесь к способу оплаты и снова выберите Payme.",
      },
    },
  },
  uz: {
    pay: "Payme orqali to‘lash",
    payAgain: "Qayta urinish",
    notPaid: "Men to‘lamadim: Payme sahifasini ochish",
    leaving: "Payme ochilmoqda…",
    check: "Yana tekshirish",
    looking: "Tekshirilmoqda…",
    back: "To‘lov usuliga qaytish",
    stages: {
      unread: nothing,
      checking: { title: "", text: "Tugma Payme sahifasiga olib boradi." },
      pay: { title: "", text: "Tugma Payme sahifasiga olib boradi." },
      leaving: { title: "", text: "Tugma Payme sahifasiga olib boradi." },
      returning: { title: "To‘lov tekshirilmoqda", text: "Bu bir soniya oladi. Iltimos, qayta to‘lamang." },
      unpaid: {
        title: "Hali to‘lov bo‘lmagan",
        text: "Payme bu buyurtma uchun to‘lovni boshlamagan. Buyurtma sizni kutmoqda, to‘lash mumkin.",
      },
      waiting: {
        title: "Payme javobini kutmoqdamiz",
        text:
          "Agar to‘lagan bo‘lsangiz, yana to‘lash shart emas: Payme tasdiqlashi bilan bu sahifaning o‘zi davom etadi. " +
          "Sahifani yopish ham mumkin: to‘langan buyurtma yo‘qolmaydi.",
      },
      overdue: {
        title: "Payme to‘lovni hali tasdiqlamadi",
        text:
          "Agar to‘lagan bo‘lsangiz, yana to‘lash shart emas: bu sahifani yopsangiz ham buyurtma rasmiylashtiriladi. " +
          "Agar Payme sahifasidan to‘lamasdan chiqqan bo‘lsangiz, Payme bu urinishni ko‘pi bilan 12 soatda o‘zi bekor " +
          "qiladi, keyin shu yerda qayta to‘lash mumkin bo‘ladi.",
      },
      unsure: {
        title: "To‘lov haqida hozircha bilib bo‘lmadi",
        text:
          "Agar to‘lagan bo‘lsangiz, iltimos, qayta to‘lamang: to‘langan buyurtma yo‘qolmaydi. Birozdan so‘ng yana " +
          "tekshiring.",
      },
      unheard: {
        title: "Do‘kon to‘lovni hozircha ko‘rmayapti",
        text:
          "Agar to‘lagan bo‘lsangiz, iltimos, qayta to‘lamang: to‘langan buyurtma yo‘qolmaydi. Agar Payme sahifasidan " +
          "to‘lamasdan chiqqan bo‘lsangiz, uni qayta ochish mumkin.",
      },
      placing: { title: "To‘lov qabul qilindi", text: "Buyurtma rasmiylashtirilmoqda, bir necha soniya." },
      placed: { title: "Buyurtma rasmiylashtirildi", text: "Rahmat! Uning sahifasi ochilmoqda." },
      attention: {
        title: "To‘lovingiz qabul qilindi",
        text:
          "Buyurtmani hozircha rasmiylashtirib bo‘lmadi. Do‘kon bundan xabardor va buyurtma bilan shug‘ullanadi. " +
          "Iltimos, qayta to‘lamang: pulingiz yo‘qolmaydi.",
      },
      canceled: {
        title: "To‘lov amalga oshmadi",
        text: "To‘lov bekor qilindi yoki karta rad etildi. Pul yechilmadi. Buyurtma sizni kutmoqda, qayta to‘lash mumkin.",
      },
      dropped: {
        title: "To‘lov amalga oshmadi",
        text:
          "To‘lov bekor qilindi yoki karta rad etildi. Agar pul yechilgan bo‘lsa, Payme uni qaytargan. Qayta to‘lash " +
          "mumkin.",
      },
      unconfirmed: {
        title: "To‘lov bekor qilindi",
        text:
          "Tafsilotlarni hozir bilib bo‘lmadi. Agar pul yechilgan bo‘lsa, Payme uni qaytaradi. To‘lashdan oldin yana " +
          "tekshiring.",
      },
      returned: { title: "To‘lov bekor qilindi, pul qaytarildi", text: "Payme to‘lovni kartangizga qaytardi." },
      closed: {
        title: "Bu to‘lov yopilgan",
        text: "Endi u bo‘yicha to‘lab bo‘lmaydi. To‘lov usuliga qaytib, Payme’ni yana tanlang.",
      },
      failed: {
        title: "Bunday to‘lov yo‘q",
        text:
          "To‘lov xizmati bu to‘lovni tanimaydi va u bo‘yicha pul olmagan. To‘lov usuliga qaytib, Payme’ni yana " +
          "tanlang.",
      },
      linkless: {
        title: "Payme sahifasiga havola yo‘q",
        text: "Do‘kon to‘lov havolasini olmadi. Pul yechilmadi. To‘lov usuliga qaytib, Payme’ni yana tanlang.",
      },
    },
  },
  en: {
    pay: "Pay with Payme",
    payAgain: "Try again",
    notPaid: "I have not paid: open Payme’s page",
    leaving: "Opening Payme…",
    check: "Check again",
    looking: "Checking…",
    back: "Back to the ways to pay",
    stages: {
      unread: nothing,
      checking: { title: "", text: "The button leads to Payme’s page." },
      pay: { title: "", text: "The button leads to Payme’s page." },
      leaving: { title: "", text: "The button leads to Payme’s page." },
      returning: { title: "Checking the payment", text: "This takes a second. Please do not pay again." },
      unpaid: {
        title: "No payment yet",
        text: "Payme has not begun a payment of this order. The order is still yours to pay.",
      },
      waiting: {
        title: "Waiting for Payme’s word",
        text:
          "If you have paid, there is no need to pay again: this page goes on by itself as soon as Payme confirms. " +
          "You may close it, too: a paid order is not lost.",
      },
      overdue: {
        title: "Payme has not confirmed the payment yet",
        text:
          "If you have paid, there is no need to pay again: the order will be placed even when you close this page. " +
          "If you left Payme’s page without paying, Payme cancels the attempt by itself, within 12 hours at most; " +
          "then you can pay here again.",
      },
      unsure: {
        title: "We could not learn of the payment yet",
        text: "If you have paid, please do not pay again: a paid order is not lost. Check again a little later.",
      },
      unheard: {
        title: "The shop does not see a payment yet",
        text:
          "If you have paid, please do not pay again: a paid order is not lost. If you left Payme’s page without " +
          "paying, you can open it once more.",
      },
      placing: { title: "Payment received", text: "Placing your order; this takes a few seconds." },
      placed: { title: "Your order is placed", text: "Thank you! Opening its page." },
      attention: {
        title: "Your payment has arrived",
        text:
          "The order could not be placed yet. The shop has been told and will see to it. Please do not pay again: " +
          "your money is not lost.",
      },
      canceled: {
        title: "The payment did not go through",
        text: "It was cancelled, or the card was declined. No money was taken. The order is still yours to pay.",
      },
      dropped: {
        title: "The payment did not go through",
        text: "It was cancelled, or the card was declined. If money was taken, Payme has returned it. You can pay again.",
      },
      unconfirmed: {
        title: "The payment was cancelled",
        text: "We cannot learn the details just now. If money was taken, Payme returns it. Check again before you pay.",
      },
      returned: {
        title: "The payment was cancelled and the money returned",
        text: "Payme has returned the payment to your card.",
      },
      closed: {
        title: "This payment is closed",
        text: "It can no longer be paid. Go back to the ways to pay and choose Payme again.",
      },
      failed: {
        title: "There is no such payment",
        text:
          "The payment service does not know this payment and took no money for it. Go back to the ways to pay and " +
          "choose Payme again.",
      },
      linkless: {
        title: "The link to Payme is missing",
        text:
          "The shop did not receive a link to pay by. No money was taken. Go back to the ways to pay and choose Payme " +
          "again.",
      },
    },
  },
}
