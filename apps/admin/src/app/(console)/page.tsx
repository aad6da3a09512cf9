import { OverviewPage } from "#features/overview/overview-page.tsx";
import { metadataOf } from "#navigation.ts";

export const metadata = metadataOf("/");
export default OverviewPage;
