/** How far the checkout is, and the way back to what was done. */
import { Link, usePlace } from "../navigation"
import { STEPS, type Step } from "../route"

export function Steps({ now, closed }: { now: Step; closed: boolean }) {
  const { t } = usePlace()
  const isDone = (step: Step) => STEPS.indexOf(step) < STEPS.indexOf(now)
  return (
    <ol className="steps" aria-label={t("steps")}>
      {STEPS.map((step) => (
        <li key={step} className={isDone(step) ? "done" : undefined} aria-current={step === now ? "step" : undefined}>
          {isDone(step) && !closed ? (
            <Link to={{ name: "checkout", step }}>{t(`step.${step}`)}</Link>
          ) : (
            t(`step.${step}`)
          )}
        </li>
      ))}
    </ol>
  )
}
