/** How far the checkout is, and the way back to what was done. */
import { Link, usePlace } from "../navigation"
import { STEPS, type Step } from "../route"

export function Steps({ now, closed }: { now: Step; closed: boolean }) {
  const { t } = usePlace()
  const done = STEPS.slice(0, STEPS.indexOf(now))
  return (
    <ol className="steps" aria-label={t("steps")}>
      {STEPS.map((step) => (
        <li key={step} className={done.includes(step) ? "done" : undefined} aria-current={step === now ? "step" : undefined}>
          {done.includes(step) && !closed ? <Link to={{ name: "checkout", step }}>{t(`step.${step}`)}</Link> : t(`step.${step}`)}
        </li>
      ))}
    </ol>
  )
}
