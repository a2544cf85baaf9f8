import { Component, type ComponentChildren, type FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Lock, SearchX } from "lucide";
import { isExcused, returns } from "../api/live";
import { may, session } from "../api/session";
import { type PageOf, PAGES } from "../pages";
import { match, route } from "../route";
import { t } from "../text";
import { Button, Empty, Loading, Notice, Page, Questions, Toasts } from "../ui";
import { Frame } from "./Frame";
import { NewPassword, SignIn } from "./SignIn";

/** Sign-in, or the page of the address in its frame. */
export function App() {
  const signedIn = session.value;
  return (
    <>
      {signedIn === null ? (
        <SignIn />
      ) : signedIn.passwordChangeRequired ? (
        <NewPassword />
      ) : (
        <Frame>
          <Routed />
        </Frame>
      )}
      <Questions />
      <Toasts />
    </>
  );
}

function Routed() {
  const { path } = route.value;
  for (const page of PAGES) {
    const names = match(page.path, path);
    if (names) {
      if (page.role && !may(page.role)) {
        return (
          <Page title={t().common.notAllowed}>
            <Empty icon={Lock} title={t().common.notAllowedText(t().common.roles[page.role])}>
              <Button href="/">{t().common.toOverview}</Button>
            </Empty>
          </Page>
        );
      }
      return (
        <Guard key={path}>
          <Loaded page={page} names={names} />
        </Guard>
      );
    }
  }
  return (
    <Page title={t().common.notFound}>
      <Empty icon={SearchX} title={t().common.notFoundText}>
        <Button href="/">{t().common.toOverview}</Button>
      </Empty>
    </Page>
  );
}

const loaded = new Map<PageOf, FunctionComponent<Record<string, string>>>();

async function fetchCode(page: PageOf): Promise<void> {
  loaded.set(page, (await page.load()).default);
}

/** So long the first page has the line for itself. */
const AHEAD_MILLIS = 3_000;
let isAhead = false;

/**
 * Fetches the code of the other pages, one after the other. They open at once then, also while the node is away: Firefox
 * remembers until the next reload that a module could not be fetched.
 */
async function fetchAhead(): Promise<void> {
  if (isAhead) {
    return;
  }
  isAhead = true;
  await new Promise((resolve) => setTimeout(resolve, AHEAD_MILLIS));
  for (const page of PAGES.filter((one) => !one.role || may(one.role))) {
    if (!loaded.has(page)) {
      try {
        await fetchCode(page);
      } catch {
        return; // whoever opens it is told
      }
    }
  }
}

/** A page whose code may have to be fetched first. */
function Loaded({ page, names }: { page: PageOf; names: Record<string, string> }) {
  const [, setReady] = useState(false);
  const [failed, setFailed] = useState<{ error: unknown; returns: number } | null>(null);
  const View = loaded.get(page);
  useEffect(() => {
    if (!View) {
      fetchCode(page).then(
        () => {
          setReady(true);
          void fetchAhead();
        },
        (error: unknown) => setFailed({ error, returns: returns.peek() }),
      );
    }
  }, [page, returns.value]);
  if (View) {
    return <View {...names} />;
  }
  // While the node is away nothing comes, which the frame says. If it is there, it was upgraded under the page and has
  // other files now.
  return failed === null || isExcused(failed.returns) ? (
    <Loading />
  ) : (
    <Broken error={failed.error} />
  );
}

/** Keeps an error of one page from taking the others along. */
class Guard extends Component<{ children: ComponentChildren }, { error: unknown }> {
  override state = { error: null as unknown };

  static override getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    return this.state.error === null ? this.props.children : <Broken error={this.state.error} />;
  }
}

function Broken({ error }: { error: unknown }) {
  const words = t().common;
  return (
    <Page title={words.pageBroke}>
      <Notice tone="bad" actions={<Button onClick={() => location.reload()}>{words.reload}</Button>}>
        <p>{words.pageBrokeText}</p>
        <code>{String(error)}</code>
      </Notice>
    </Page>
  );
}
