import { Compass } from "lucide-react";
import Link from "next/link";
import { PageHeader } from "#components/page-header.tsx";
import { State } from "#components/states/state.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";

export function PageNotFound() {
  return (
    <div className="grid gap-6">
      <PageHeader title="Page not found" />
      <Card>
        <State icon={Compass} title="There is nothing at this address" text="It may have moved, or been mistyped.">
          <Button asChild>
            <Link href="/">Go to the overview</Link>
          </Button>
        </State>
      </Card>
    </div>
  );
}
