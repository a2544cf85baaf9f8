import { useState } from "preact/hooks";
import { Download } from "lucide";
import { call, send } from "../api/call";
import { now } from "../api/live";
import { may, session } from "../api/session";
import { useAction, useAsked } from "../api/use";
import { PasswordForm } from "../frame/SignIn";
import { choose, language, LANGUAGES, type Language, t } from "../text";
import { bytes, duration } from "../text/format";
import { chooseTheme, chosenTheme } from "../theme";
import { A, Badge, Button, Card, Dialog, Facts, Name, Page, Problem, SelectField, Time, toast } from "../ui";
import { save } from "./save";

export default function Settings() {
  const words = t().system;
  const frame = t().frame;
  return (
    <Page title={frame.pages.settings} about={words.settingsAbout}>
      <div class="grid-2">
        <Card title={words.look}>
          <div class="stack">
            <SelectField
              label={frame.language}
              value={language.value}
              onChange={(which) => void choose(which)}
              options={(Object.keys(LANGUAGES) as Language[]).map((one) => [one, LANGUAGES[one]] as const)}
              hint={words.languageHint}
            />
            <SelectField
              label={frame.theme}
              value={chosenTheme.value}
              onChange={chooseTheme}
              options={(["system", "light", "dark"] as const).map((one) => [one, frame.themes[one]] as const)}
            />
          </div>
        </Card>
        <Account />
        {may("administrator") && <Backup />}
        <About />
        <Stored />
      </div>
    </Page>
  );
}

function Account() {
  const words = t().system;
  const frame = t().frame;
  const [changing, setChanging] = useState(false);
  const who = session.value;
  return (
    <Card title={frame.account}>
      <div class="stack">
        <Facts
          of={[
            [t().common.username, <Name of={who?.username} />],
            [t().common.role, who ? t().common.roles[who.role] : null],
            [words.mayDo, who ? words.roleAbout[who.role] : null],
            [words.sessionEnds, <Time of={who?.expiresAt} />],
          ]}
        />
        <div class="row">
          <Button onClick={() => setChanging(true)}>{frame.changePassword}</Button>
        </div>
      </div>
      {changing && (
        <Dialog title={frame.changePassword} onClose={() => setChanging(false)}>
          <PasswordForm
            onDone={() => {
              setChanging(false);
              toast(frame.passwordChanged);
            }}
          />
        </Dialog>
      )}
    </Card>
  );
}

function Backup() {
  const words = t().system;
  const [size, setSize] = useState<number | null>(null);
  const backup = useAction(async () => {
    const response = await send("GET /store/backup");
    const blob = await response.blob();
    save(blob, `relais-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.zip`);
    setSize(blob.size);
  });
  return (
    <Card title={words.backup}>
      <div class="stack">
        <p class="quiet">{words.backupAbout}</p>
        {backup.failure && <Problem of={backup.failure} />}
        <div class="row">
          <Button icon={Download} busy={backup.busy} onClick={() => void backup.run()}>
            {words.backupDownload}
          </Button>
          <span class="quiet small" role="status">
            {backup.busy ? words.backupBusy : size !== null ? words.backupDone(bytes(size)) : null}
          </span>
        </div>
      </div>
    </Card>
  );
}

function About() {
  const words = t().system;
  const nodes = useAsked((signal) => call("GET /nodes", { query: { limit: 100 }, signal }), []);
  const node = nodes.data?.items.find((one) => one.id === now.value?.node) ?? nodes.data?.items[0];
  return (
    <Card title={words.about}>
      <div class="stack">
        {nodes.failure && <Problem of={nodes.failure} onRetry={nodes.refresh} />}
        <Facts
          of={[
            [t().common.node, <Name of={node?.id} />],
            [words.version, <Name of={node?.version} />],
            [words.upFor, node ? <span class="num">{duration(now.value?.uptimeSeconds ?? node.uptimeSeconds)}</span> : null],
            [
              words.licence,
              <a href="https://www.apache.org/licenses/LICENSE-2.0" target="_blank" rel="noreferrer noopener">
                Apache-2.0
              </a>,
            ],
            [
              words.libraries,
              <a href="/licences.txt" target="_blank" rel="noopener">
                licences.txt
              </a>,
            ],
            [
              words.apiDocument,
              <span class="row">
                <A href="/reference">{t().frame.pages.reference}</A>
                <a href="/api/v1/openapi.json" target="_blank" rel="noopener">
                  openapi.json
                </a>
              </span>,
            ],
          ]}
        />
      </div>
    </Card>
  );
}

/** What this page has left in the browser, under its own names. */
function stored(): { key: string; bytes: number; where: "local" | "session" }[] {
  return (["local", "session"] as const).flatMap((where) => {
    const storage = where === "local" ? localStorage : sessionStorage;
    return Object.keys(storage)
      .filter((key) => key.startsWith("relais."))
      .map((key) => ({ key, bytes: 2 * (key.length + (storage.getItem(key)?.length ?? 0)), where }));
  });
}

function Stored() {
  const words = t().system;
  const [, setTurn] = useState(0);
  const kept = stored();
  const names: Record<string, string> = words.storedNames;
  return (
    <Card title={words.stored}>
      <div class="stack">
        <p class="quiet">{words.storedAbout}</p>
        <Facts
          of={kept.map((one) => [
            names[one.key] ?? one.key,
            <span class="row">
              <span class="num">{bytes(one.bytes)}</span>
              <Badge>{one.where === "local" ? words.storedLocal : words.storedSession}</Badge>
            </span>,
          ])}
        />
        <div class="row">
          <Button
            onClick={() => {
              for (const one of kept) {
                if (one.where === "local") {
                  localStorage.removeItem(one.key);
                }
              }
              chooseTheme("system");
              setTurn((before) => before + 1);
              toast(words.storedRemoved);
            }}
          >
            {words.storedRemove}
          </Button>
        </div>
      </div>
    </Card>
  );
}
