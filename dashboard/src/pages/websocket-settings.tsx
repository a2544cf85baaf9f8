import { useState } from "preact/hooks";
import { RefreshCw } from "lucide";
import { t } from "../text";
import { num } from "../text/format";
import { Button, CheckField, Dialog, SelectField, TextField } from "../ui";
import { newId, type Settings, type Will } from "./websocket-connections";

/** A reason code in words. */
export function reason(code: number): string {
  const words = t().websocket;
  return words.reasons[code] ?? words.reasonUnknown(`0x${code.toString(16).padStart(2, "0")}`);
}

const NO_WILL: Will = { topic: "", payload: "", qos: "0", retain: false, delay: "" };

type Errors = Partial<Record<"url" | "clientId" | "username" | "keepAlive" | "sessionExpiry" | "willTopic" | "willDelay", string>>;

function problemsOf(settings: Settings, password: string): Errors {
  const words = t().websocket;
  const found: Errors = {};
  let url: URL | null = null;
  try {
    url = new URL(settings.url);
  } catch {
    // It is told below that this is no address.
  }
  if (!url || !/^wss?:$/.test(url.protocol)) {
    found.url = words.urlWrong;
  } else if (url.hostname !== location.hostname) {
    found.url = words.urlHost(location.hostname);
  } else if (location.protocol === "https:" && url.protocol !== "wss:") {
    found.url = words.urlSecure;
  }
  if (!settings.cleanStart && settings.clientId === "") {
    found.clientId = words.clientIdNeeded;
  }
  if (password !== "" && settings.username === "") {
    found.username = words.usernameNeeded;
  }
  const isWrong = (text: string, most: number) => !/^\d*$/.test(text) || Number(text) > most;
  if (settings.keepAlive === "" || isWrong(settings.keepAlive, 65_535)) {
    found.keepAlive = words.numberWrong(num(65_535));
  }
  if (settings.version === "5" && isWrong(settings.sessionExpiry, 0xffff_ffff)) {
    found.sessionExpiry = words.numberWrong(num(0xffff_ffff));
  }
  if (settings.will) {
    if (settings.will.topic === "") {
      found.willTopic = t().topics.topicNeeded;
    } else if (/[#+]/.test(settings.will.topic)) {
      found.willTopic = t().topics.topicWild;
    }
    if (isWrong(settings.will.delay, 0xffff_ffff)) {
      found.willDelay = words.numberWrong(num(0xffff_ffff));
    }
  }
  return found;
}

/** How to connect. */
export function SettingsDialog({
  settings,
  password,
  urls,
  onClose,
  onSave,
}: {
  settings: Settings;
  password: string;
  /** What may be meant. */
  urls: readonly string[];
  onClose(): void;
  onSave(settings: Settings, password: string, connects: boolean): void;
}) {
  const words = t().websocket;
  const [now, setNow] = useState(settings);
  const [secret, setSecret] = useState(password);
  const [tried, setTried] = useState(false);
  const set = <K extends keyof Settings>(field: K) => (value: Settings[K]) => setNow({ ...now, [field]: value });
  const will = now.will;
  const setWill = <K extends keyof Will>(field: K) => (value: Will[K]) =>
    setNow({ ...now, will: { ...(will ?? NO_WILL), [field]: value } });
  const errors: Errors = tried ? problemsOf(now, secret) : {};
  const done = (connects: boolean) => {
    setTried(true);
    if (Object.keys(problemsOf(now, secret)).length === 0) {
      onSave(now, secret, connects);
    }
  };
  return (
    <Dialog title={words.settings} onClose={onClose}>
      <form
        class="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          done(true);
        }}
      >
        <TextField label={t().common.name} value={now.name} onInput={set("name")} />
        <TextField
          label={words.url}
          hint={words.urlHint}
          value={now.url}
          onInput={set("url")}
          error={errors.url}
          list={urls}
          mono
        />
        <div class="ws-with-button">
          <TextField
            label={t().common.clientId}
            value={now.clientId}
            onInput={set("clientId")}
            error={errors.clientId}
            mono
          />
          <Button
            icon={RefreshCw}
            label={words.clientIdNew}
            onClick={() => set("clientId")(`dashboard-${newId()}`)}
          />
        </div>
        <div class="message-options">
          <TextField
            label={t().common.username}
            value={now.username}
            onInput={set("username")}
            error={errors.username}
            autocomplete="off"
          />
          <TextField
            label={t().common.password}
            hint={words.passwordHint}
            type="password"
            value={secret}
            onInput={setSecret}
            autocomplete="new-password"
          />
        </div>
        <div class="message-options">
          <SelectField
            label={words.protocol}
            value={now.version}
            onChange={set("version")}
            options={[
              ["5", "MQTT 5.0"],
              ["4", "MQTT 3.1.1"],
            ]}
          />
          <TextField
            label={words.keepAlive}
            type="number"
            value={now.keepAlive}
            onInput={set("keepAlive")}
            error={errors.keepAlive}
          />
          {now.version === "5" && (
            <TextField
              label={words.sessionExpiry}
              type="number"
              value={now.sessionExpiry}
              onInput={set("sessionExpiry")}
              error={errors.sessionExpiry}
            />
          )}
        </div>
        <CheckField label={words.cleanStart} checked={now.cleanStart} onChange={set("cleanStart")} />
        <CheckField label={words.will} checked={will !== null} onChange={(on) => set("will")(on ? NO_WILL : null)} />
        {will && (
          <div class="form ws-will">
            <TextField
              label={t().common.topic}
              value={will.topic}
              onInput={setWill("topic")}
              error={errors.willTopic}
              mono
            />
            <TextField label={t().common.payload} value={will.payload} onInput={setWill("payload")} lines={3} mono />
            <div class="message-options">
              <SelectField
                label={t().common.qos}
                value={will.qos}
                onChange={setWill("qos")}
                options={[
                  ["0", t().topics.qos.q0],
                  ["1", t().topics.qos.q1],
                  ["2", t().topics.qos.q2],
                ]}
              />
              {now.version === "5" && (
                <TextField
                  label={words.willDelay}
                  type="number"
                  value={will.delay}
                  onInput={setWill("delay")}
                  error={errors.willDelay}
                />
              )}
            </div>
            <CheckField label={t().topics.retain} checked={will.retain} onChange={setWill("retain")} />
          </div>
        )}
        <div class="form-actions">
          <Button onClick={onClose}>{t().common.cancel}</Button>
          <Button onClick={() => done(false)}>{words.save}</Button>
          <Button kind="primary" type="submit">
            {words.saveAndConnect}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
