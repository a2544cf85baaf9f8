import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Bell, CircleUserRound, KeyRound, LogOut, Menu as MenuIcon, Search, X } from "lucide";
import { call } from "../api/call";
import { awaySince, liveState, now } from "../api/live";
import { forget, may, session, tellTabsThatWeLeft } from "../api/session";
import { useAsked } from "../api/use";
import { GROUPS } from "../pages";
import { match, route } from "../route";
import { t } from "../text";
import { time } from "../text/format";
import { A, Button, Dialog, Icon, Menu, MenuItem, Name, Notice, toast } from "../ui";
import { LanguageMenu, ThemeMenu } from "./Choices";
import { Mark } from "./Mark";
import { Palette } from "./Palette";
import { PasswordForm, signOut } from "./SignIn";

/** Navigation and top bar around a page. */
export function Frame({ children }: { children: ComponentChildren }) {
  const words = t().frame;
  const [open, setOpen] = useState(false);
  const [finding, setFinding] = useState(false);
  const path = route.value.path;
  useEffect(() => setOpen(false), [path]);
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const writing = (event.target as Element | null)?.closest?.("input, textarea, select, [contenteditable]");
      if ((event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !writing)) {
        event.preventDefault();
        setFinding(true);
      } else if (event.key === "Escape") {
        setOpen(false);
      }
    };
    document.addEventListener("keydown", key);
    return () => document.removeEventListener("keydown", key);
  }, []);
  return (
    <div class="frame">
      <a class="skip" href="#content" onClick={(event) => { event.preventDefault(); document.getElementById("content")?.focus(); }}>
        {words.skip}
      </a>
      <nav class={open ? "nav is-open" : "nav"} id="nav" aria-label={words.navigation}>
        <div class="nav-head">
          <A href="/" class="nav-home">
            <Mark />
          </A>
          <span class="nav-close">
            <Button kind="plain" icon={X} label={words.closeNavigation} onClick={() => setOpen(false)} />
          </span>
        </div>
        <div class="nav-list">
          {GROUPS.map((group) => {
            const pages = group.pages.filter((page) => page.name && (!page.role || may(page.role)));
            return (
              pages.length > 0 && (
                <div class="nav-group">
                  <h2 class="nav-title">{words.groups[group.name]}</h2>
                  <ul>
                    {pages.map((page) => (
                      <li>
                        <A href={page.path} class="nav-item" current={isAt(page.path, path)}>
                          <Icon of={page.icon!} />
                          {words.pages[page.name!]}
                        </A>
                      </li>
                    ))}
                  </ul>
                </div>
              )
            );
          })}
        </div>
      </nav>
      {open && <div class="nav-shade" onClick={() => setOpen(false)} />}
      <div class="body">
        <header class="bar">
          <span class="bar-menu">
            <Button kind="plain" icon={MenuIcon} label={words.openNavigation} pressed={open} onClick={() => setOpen(true)} />
          </span>
          <button type="button" class="find" aria-label={words.find} onClick={() => setFinding(true)}>
            <Icon of={Search} />
            <span class="find-text">{words.find}</span>
            <kbd>/</kbd>
          </button>
          <div class="row row-end bar-end">
            <LiveState />
            <AlarmBell />
            <LanguageMenu />
            <ThemeMenu />
            <Account />
          </div>
        </header>
        <main id="content" class="main" tabIndex={-1}>
          <Stale />
          {children}
        </main>
      </div>
      {finding && <Palette onClose={() => setFinding(false)} />}
    </div>
  );
}

/** A page of details belongs to its list. */
function isAt(page: string, path: string): boolean {
  return match(page, path) !== null || (page !== "/" && path.startsWith(`${page}/`));
}

function LiveState() {
  const words = t().frame;
  const state = liveState.value;
  const tone = state === "live" ? "good" : state === "connecting" ? "warn" : "bad";
  return (
    <span class="live" title={words.liveAbout[state]} role="status">
      <span class={`dot dot-${tone}`} aria-hidden="true" />
      <span class="live-text">{words.live[state]}</span>
      {now.value && (
        <span class="live-node quiet">
          <Name of={now.value.node} />
        </span>
      )}
    </span>
  );
}

/** Says it in full when what is shown is not the present any more. */
function Stale() {
  const words = t().frame;
  const since = awaySince.value;
  return since === undefined ? null : <Notice tone="warn">{words.staleSince(time(since))}</Notice>;
}

function AlarmBell() {
  const words = t().frame;
  const alarms = useAsked((signal) => call("GET /alarms", { query: { limit: 100 }, signal }), [], 10_000);
  const count = alarms.data?.items.length ?? 0;
  return (
    <span class="bell">
      <Button kind="plain" icon={Bell} href="/alarms" label={count === 0 ? words.noAlarms : words.alarms(count)} />
      {count > 0 && (
        <span class="bell-count num" aria-hidden="true">
          {count}
        </span>
      )}
    </span>
  );
}

function Account() {
  const words = t().frame;
  const [changing, setChanging] = useState(false);
  const who = session.value;
  return (
    <>
      <Menu icon={CircleUserRound} label={words.account}>
        {(close) => (
          <>
            <div class="menu-note">
              {words.signedInAs} <Name of={who?.username} />
              <br />
              {who && t().common.roles[who.role]}
            </div>
            <MenuItem
              icon={KeyRound}
              onClick={() => {
                close();
                setChanging(true);
              }}
            >
              {words.changePassword}
            </MenuItem>
            <MenuItem
              icon={LogOut}
              onClick={async () => {
                const token = who?.token;
                await signOut();
                if (token) {
                  tellTabsThatWeLeft(token);
                }
                forget("left");
              }}
            >
              {words.signOut}
            </MenuItem>
          </>
        )}
      </Menu>
      {changing && (
        <Dialog title={words.changePassword} onClose={() => setChanging(false)}>
          <PasswordForm
            onDone={() => {
              setChanging(false);
              toast(words.passwordChanged);
            }}
          />
        </Dialog>
      )}
    </>
  );
}
