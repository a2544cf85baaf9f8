import { useState } from "preact/hooks";
import { Send } from "lucide";
import { call } from "../api/call";
import type { PublishRequest } from "../api/types";
import { useAction } from "../api/use";
import { t } from "../text";
import { num } from "../text/format";
import { Dialog, FormActions, Problem, toast } from "../ui";
import { payloadBase64 } from "../ui/Payload";
import { type Draft, draftBytes, EMPTY_DRAFT, MessageFields, problemsOf } from "./message-form";

/** Publishes a message by the API, which needs the role of an operator. */
export function PublishDialog({
  topic = "",
  onClose,
  onDone,
}: {
  topic?: string;
  onClose(): void;
  onDone?(): void;
}) {
  const words = t().topics;
  const [draft, setDraft] = useState<Draft>({ ...EMPTY_DRAFT, topic });
  const [tried, setTried] = useState(false);
  const publish = useAction(async () => {
    const result = await call("POST /publish", { body: requested(draft) });
    toast(words.published(result.matched, num(result.matched)));
  });
  const seen = problemsOf(draft, true);
  const at = (field: string) => publish.failure?.at(field);
  const errors = {
    topic: (tried && seen.topic) || at("topic"),
    payload: (tried && seen.payload) || at("payload"),
    expiry: (tried && seen.expiry) || at("properties.messageExpirySeconds"),
    responseTopic: (tried && seen.responseTopic) || at("properties.responseTopic"),
    contentType: at("properties.contentType"),
    correlationData: at("properties.correlationData"),
  };
  return (
    <Dialog title={words.publishTitle} onClose={onClose}>
      <form
        class="form"
        noValidate
        onSubmit={async (event) => {
          event.preventDefault();
          setTried(true);
          if (Object.keys(seen).length === 0 && (await publish.run())) {
            onDone?.();
            onClose();
          }
        }}
      >
        <p class="quiet small">{words.publishAbout}</p>
        <MessageFields
          draft={draft}
          onInput={(next) => {
            publish.clear();
            setDraft(next);
          }}
          errors={errors}
          properties
        />
        {publish.failure && !Object.values(errors).some(Boolean) && <Problem of={publish.failure} />}
        <FormActions onCancel={onClose} verb={words.publish} icon={Send} busy={publish.busy} />
      </form>
    </Dialog>
  );
}

function requested(draft: Draft): PublishRequest {
  const isText = draft.kind === "text" || draft.kind === "json";
  return {
    topic: draft.topic,
    // JSON is sent as it was written: its numbers and its order stay as they are.
    payload: isText ? draft.payload : payloadBase64(draftBytes(draft.kind, draft.payload)!),
    encoding: isText ? "text" : "base64",
    qos: Number(draft.qos),
    retain: draft.retain,
    properties: {
      contentType: draft.contentType || null,
      responseTopic: draft.responseTopic || null,
      correlationData: draft.correlationData ? payloadBase64(new TextEncoder().encode(draft.correlationData)) : null,
      messageExpirySeconds: draft.expiry ? Number(draft.expiry) : null,
      user: draft.user.map(([name, value]) => [name, value]),
    },
  };
}
