import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { ArrowLeft } from "lucide";
import { A } from "./A";
import { Icon } from "./Icon";

/** What every page is: a title, what can be done, and what there is to see. */
export function Page({
  title,
  name,
  about,
  actions,
  back,
  children,
}: {
  /** A text of ours; for the browser's title too. */
  title: string;
  /** What is shown instead of the title, if that is somebody else's text (see `Name`). */
  name?: ComponentChildren;
  about?: ComponentChildren;
  actions?: ComponentChildren;
  back?: { href: string; text: string };
  children: ComponentChildren;
}) {
  useEffect(() => {
    document.title = `${title} · Relais`;
  }, [title]);
  return (
    <div class="page">
      <header class="page-head">
        <div class="page-title">
          {back && (
            <A href={back.href} class="page-back">
              <Icon of={ArrowLeft} /> {back.text}
            </A>
          )}
          <h1>{name ?? title}</h1>
          {about && <p>{about}</p>}
        </div>
        {actions && <div class="row">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function Card({
  title,
  actions,
  flush,
  children,
}: {
  title?: ComponentChildren;
  actions?: ComponentChildren;
  /** What is inside goes to the edges: a table. */
  flush?: boolean;
  children: ComponentChildren;
}) {
  return (
    <section class={flush ? "card card-flush" : "card"}>
      {(title || actions) && (
        <div class="card-head">
          {title && <h2>{title}</h2>}
          {actions && <div class="row row-end">{actions}</div>}
        </div>
      )}
      {flush ? children : <div class="card-body">{children}</div>}
    </section>
  );
}

/** A figure with its name; a link to where it is told in full. */
export function Stat({
  label,
  value,
  unit,
  note,
  href,
}: {
  label: ComponentChildren;
  value: ComponentChildren;
  unit?: string;
  note?: ComponentChildren;
  href?: string;
}) {
  const inside = (
    <>
      <span class="stat-label">{label}</span>
      <span class="stat-value">
        {value}
        {unit && <span class="stat-unit"> {unit}</span>}
      </span>
      {note !== undefined && <span class="stat-note">{note}</span>}
    </>
  );
  return (
    <div class="card">
      {href ? (
        <A href={href} class="stat">
          {inside}
        </A>
      ) : (
        <div class="stat">{inside}</div>
      )}
    </div>
  );
}

/** Names and what they are. */
export function Facts({ of }: { of: readonly (readonly [name: string, value: ComponentChildren] | null | false)[] }) {
  return (
    <dl class="facts">
      {of.map(
        (fact) =>
          fact && (
            <>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </>
          ),
      )}
    </dl>
  );
}
