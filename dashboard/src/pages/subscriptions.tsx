import { now } from "../api/live";
import { query, setQuery } from "../route";
import { t } from "../text";
import { num } from "../text/format";
import { Card, Page, SearchField } from "../ui";
import { SubscriptionList } from "./subscription-list";

export default function Subscriptions() {
  const words = t().clients;
  const clientId = query("clientId");
  const figures = now.value?.gauges;
  return (
    <Page
      title={t().frame.pages.subscriptions}
      about={
        figures && words.subscriptionsAbout(num(figures["subscriptions"] ?? 0), num(figures["subscriptionsKept"] ?? 0))
      }
    >
      <Card flush>
        <div class="card-head">
          <SearchField label={words.searchExact} value={clientId} onSearch={(text) => setQuery({ clientId: text })} />
        </div>
        <SubscriptionList clientId={clientId} all />
      </Card>
    </Page>
  );
}
