/** One of several: a way to deliver, a way to pay. */
import type { ReactNode } from "react"

interface ChoiceProps {
  name: string
  value: string
  chosen: boolean
  onChoose: (value: string) => void
  icon?: ReactNode
  title: string
  text?: string
  aside?: string
}

export function Choice({ name, value, chosen, onChoose, icon, title, text, aside }: ChoiceProps) {
  return (
    <label className="choice" data-testid={`choose-${value}`}>
      <input type="radio" name={name} value={value} checked={chosen} onChange={() => onChoose(value)} />
      {icon && <span className="icon">{icon}</span>}
      <span className="what">
        <b>{title}</b>
        {text && <small>{text}</small>}
      </span>
      {aside && <span className="aside">{aside}</span>}
    </label>
  )
}
