import type { ComponentChildren } from "preact";
import { t } from "../text";
import { bytes } from "../text/format";
import { CopyButton, Dialog, Facts, Name, Payload, type PayloadEncoding, payloadSize } from "../ui";

/** Of a payload in a list: enough to know it again. */
const PREVIEW = 120;

/** The beginning of a payload, for one line. */
export function Preview({ payload, encoding }: { payload: string; encoding: PayloadEncoding }) {
  return encoding === "base64" ? (
    <span class="quiet">{t().messages.binary}</span>
  ) : (
    <Name of={payload.slice(0, PREVIEW)} mono />
  );
}

export function Size({ of }: { of: { payload: string; encoding: PayloadEncoding } }) {
  return <span class="num">{bytes(payloadSize(of.payload, of.encoding))}</span>;
}

/** A topic in full: what is too long to be shown can be copied. */
export function TopicOf({ of }: { of: string }) {
  return (
    <span class="row" style={{ flexWrap: "nowrap", alignItems: "flex-start", marginBlock: "-0.2rem" }}>
      <span style={{ minWidth: 0, paddingBlock: "0.2rem" }}>
        <Name of={of} mono />
      </span>
      <CopyButton text={of} />
    </span>
  );
}

/** A message that somebody looks at. */
export function MessageDialog({
  title,
  message,
  facts,
  actions,
  onClose,
}: {
  title: string;
  message: { topic: string; payload: string; encoding: PayloadEncoding; qos: number };
  facts: readonly (readonly [name: string, value: ComponentChildren] | null | false)[];
  actions?: ComponentChildren;
  onClose(): void;
}) {
  const common = t().common;
  return (
    <Dialog title={title} wide onClose={onClose}>
      <div class="stack">
        <Facts of={[
            [common.topic, <TopicOf of={message.topic} />],
            [common.qos, message.qos],
            ...facts,
          ]} />
        <Payload payload={message.payload} encoding={message.encoding} />
        {actions && <div class="form-actions">{actions}</div>}
      </div>
    </Dialog>
  );
}
