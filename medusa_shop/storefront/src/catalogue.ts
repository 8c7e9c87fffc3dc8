/** What the shop knows of its goods beyond Medusa's seed: their pictures, and their words in the shopper's language. */
import adrasScarf from "./art/adras-scarf.svg"
import bowl from "./art/bowl.svg"
import lagan from "./art/lagan.svg"
import teaSet from "./art/tea-set.svg"
import type { Locale, Phrase } from "./texts"

interface Words {
  art: string
  title: Phrase
  story: Phrase
}

const GOODS: Record<string, Words> = {
  "tea-set": {
    art: teaSet,
    title: { ru: "Чайный набор из Риштана", uz: "Rishton choy to‘plami", en: "Rishtan tea set" },
    story: {
      ru: "Чайник и шесть пиал. Красная риштанская глина, глазурь ишкор, роспись кобальтом от руки.",
      uz: "Choynak va oltita piyola. Rishton qizil loyi, ishqor siri, qo‘lda chizilgan kobalt naqsh.",
      en: "A teapot and six bowls. Red Rishtan clay, ishkor glaze, cobalt painted by hand.",
    },
  },
  lagan: {
    art: lagan,
    title: { ru: "Ляган «Анор»", uz: "“Anor” lagani", en: "Anor serving plate" },
    story: {
      ru: "Большое блюдо для плова, 36 см, с гранатовым узором.",
      uz: "Osh uchun katta lagan, 36 sm, anor naqshi bilan.",
      en: "A wide plate for plov, 36 cm, with pomegranates.",
    },
  },
  "adras-scarf": {
    art: adrasScarf,
    title: { ru: "Шарф из адраса", uz: "Adras sharf", en: "Adras scarf" },
    story: {
      ru: "Маргиланский икат: шёлк и хлопок, 180 × 55 см.",
      uz: "Marg‘ilon ikati: ipak va paxta, 180 × 55 sm.",
      en: "Margilan ikat, silk and cotton, 180 × 55 cm.",
    },
  },
}

const DELIVERIES: Record<string, Phrase> = {
  "Delivery in Tashkent": { ru: "Доставка по Ташкенту", uz: "Toshkent bo‘ylab yetkazish", en: "Delivery in Tashkent" },
  "Pick-up at Chorsu": { ru: "Самовывоз на Чорсу", uz: "Chorsudan olib ketish", en: "Pick-up at Chorsu" },
}

export function artOf(handle: string | null | undefined): string {
  return GOODS[handle ?? ""]?.art ?? bowl
}

export function titleOf(handle: string | null | undefined, title: string, locale: Locale): string {
  return GOODS[handle ?? ""]?.title[locale] ?? title
}

export function storyOf(handle: string, description: string | null, locale: Locale): string {
  return GOODS[handle]?.story[locale] ?? description ?? ""
}

export function deliveryName(name: string, locale: Locale): string {
  return DELIVERIES[name]?.[locale] ?? name
}
