using Headway.Audit;
using Headway.Audit.Search;
using Headway.Tests.Jobs;
using Headway.Tests.Storage;

namespace Headway.Tests.Audit;

/// <summary>Events are found by who, what, when and of whom; and of a subject it is told who has seen something.</summary>
public sealed class Auditors_find_who_has_seen_what : IAsyncLifetime
{
    private static readonly Auditor Auditor = new("default", "auditor", null);

    private Trail _trail = null!;

    public async ValueTask InitializeAsync()
    {
        _trail = await Trail.OpenAsync();
        await _trail.TellAsync(1);
    }

    [Fact]
    public async Task The_accounting_of_a_subject_names_recipients_and_people_with_counts_and_times()
    {
        await _trail.TellAsync(_trail.Event("submitted", subject: "encounter/8812", actor: "app"));
        var first = _trail.Time.GetUtcNow();
        foreach (var _ in (int[])[1, 2, 3])
        {
            await _trail.TellAsync(_trail.Event("disclosed", subject: "encounter/8812", recipient: "model fast"));
            _trail.Time.Advance(TimeSpan.FromMinutes(1));
        }
        await _trail.TellAsync(_trail.Event("delivered", subject: "encounter/8812", actor: "dr. grau"));
        await _trail.TellAsync(_trail.Event("viewed", subject: "encounter/8812", actor: "support"));
        await _trail.TellAsync(_trail.Event("served", subject: "encounter/8812", actor: "app", recipient: "model strong"));
        await _trail.TellAsync(_trail.Event("delivered", subject: "encounter/8812", recipient: "cache", actor: "app"));
        await _trail.TellAsync(_trail.Event("delivered", subject: "encounter/9", actor: "somebody else"));
        await _trail.TellAsync(_trail.Event("delivered", subject: "encounter/8812", actor: "another tenant", tenant: "other"));

        await _trail.Desk.DisclosuresAsync(Auditor, "encounter/8812", null, null);
        var groups = await _trail.Desk.DisclosuresAsync(Auditor, "encounter/8812", null, null);

        groups.Select(group => $"{group.Who} {(group.IsRecipient ? "got" : "asked")} {group.Action} {group.Count}").Order().ShouldBe(
            ["app asked delivered 1", "app asked served 1", "dr. grau asked delivered 1", "model fast got disclosed 3", "model strong got served 1", "support asked viewed 1"]);
        var fast = groups.Single(group => group.Who == "model fast");
        (fast.Feature, fast.First, fast.Last).ShouldBe(("summary", first, first.AddMinutes(2)));
        (await _trail.Desk.DisclosuresAsync(Auditor, "encounter/8812", first.AddMinutes(1), first.AddMinutes(2))).ShouldHaveSingleItem().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Each_filter_holds_and_all_must()
    {
        var job = JobId.New(_trail.Time.GetUtcNow());
        await _trail.TellAsync(_trail.Event("submitted", job, subject: "a/1", actor: "app"));
        _trail.Time.Advance(TimeSpan.FromHours(1));
        var later = _trail.Time.GetUtcNow();
        await _trail.TellAsync(_trail.Event("completed", job, subject: "a/1", actor: "app"));
        await _trail.TellAsync(_trail.Event("completed", subject: "a/2", actor: "app") with { Definition = null });

        (await FoundAsync(new AuditFilter { Subject = "a/1", Actor = "app" })).ShouldBe(["completed", "submitted"]);
        (await FoundAsync(new AuditFilter { Job = job })).ShouldBe(["completed", "submitted"]);
        (await FoundAsync(new AuditFilter { Action = "completed" })).ShouldBe(["completed", "completed"]);
        (await FoundAsync(new AuditFilter { Actor = "app", Feature = "summary" })).ShouldBe(["completed", "submitted"]);
        (await FoundAsync(new AuditFilter { Actor = "app", Since = later })).ShouldBe(["completed", "completed"]);
        (await FoundAsync(new AuditFilter { Actor = "app", Until = later })).ShouldBe(["submitted"]);
        (await FoundAsync(new AuditFilter { Subject = "a/1", Action = "completed", Until = later })).ShouldBeEmpty();
        (await FoundAsync(new AuditFilter { Feature = "none" })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repeat_also_where_times_are_the_same()
    {
        await _trail.TellAsync(60);
        var (pages, found, filter) = (0, new List<string>(), new AuditFilter { Actor = "local", Limit = 7 });
        while (true)
        {
            var page = await _trail.Desk.SearchAsync(Auditor, filter);
            found.AddRange(page.Events.Select(one => $"{one.Job} {one.Id}"));
            pages++;
            if (page.Next is not { } next) break;
            filter = filter with { After = next };
        }

        found.Count.ShouldBe(61);
        found.Distinct().Count().ShouldBe(61);
        pages.ShouldBe(9);
    }

    [Fact]
    public async Task Of_another_tenant_nothing_is_found_by_any_filter()
    {
        var job = JobId.New(_trail.Time.GetUtcNow());
        await _trail.TellAsync(_trail.Event(job: job, tenant: "other", subject: "a/1", actor: "theirs"));

        foreach (var filter in (AuditFilter[])[new() { Job = job }, new() { Subject = "a/1", Action = "delivered" }, new() { Actor = "theirs" }]) (await FoundAsync(filter)).ShouldBeEmpty();
        (await _trail.Desk.DisclosuresAsync(Auditor, "a/1", null, null)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_question_is_told_before_it_is_answered_and_is_no_disclosure()
    {
        await _trail.Desk.SearchAsync(Auditor, new AuditFilter { Subject = "a/1" });
        _trail.Time.Advance(TimeSpan.FromSeconds(1));
        await _trail.Desk.DisclosuresAsync(Auditor, "a/1", null, null);
        _trail.Time.Advance(TimeSpan.FromSeconds(1));
        await _trail.Desk.VerifyAsync(Auditor, [], CancellationToken.None);
        _trail.Time.Advance(TimeSpan.FromSeconds(1));
        await _trail.Desk.ExportAsync(Auditor, null, null);

        var told = (await _trail.Desk.SearchAsync(new Auditor("default", "local", null), new AuditFilter { Actor = "auditor" })).Events;
        told.Select(one => $"{one.Action} {one.Outcome}").Reverse().ShouldBe(["viewed search", "viewed disclosures", "viewed verify", "exported export"]);
        told.Count(one => one.Subject is not null).ShouldBe(2);
    }

    [Fact]
    public async Task Whoever_is_rare_is_found_page_by_page_and_no_page_looks_at_more_than_it_may()
    {
        await _trail.TellAsync(_trail.Event("submitted", actor: "rare"));
        for (var i = 0; i < 45; i++)
        {
            // Some at the same time.
            if (i % 3 == 0) _trail.Time.Advance(TimeSpan.FromMilliseconds(1));
            await _trail.TellAsync(_trail.Event("delivered"));
        }
        _trail.Time.Advance(TimeSpan.FromMilliseconds(1));
        await _trail.TellAsync(_trail.Event("completed", actor: "rare"));
        _trail.Time.Advance(TimeSpan.FromMilliseconds(1));

        var (found, pages) = (new List<string>(), 0);
        var filter = new AuditFilter { Actor = "rare", MostLooked = 10 };
        AuditPage page;
        do
        {
            page = await _trail.Desk.SearchAsync(Auditor, filter);
            found.AddRange(page.Events.Select(one => one.Action));
            filter = filter with { After = page.Next };
            pages.ShouldBeLessThan(20);
            pages++;
        }
        while (page.Next is not null);

        found.ShouldBe(["completed", "submitted"]);
        pages.ShouldBeGreaterThan(3, "one page looks at some ten events");
        (await _trail.Desk.SearchAsync(Auditor, new AuditFilter { Actor = "nobody", MostLooked = 1_000 })).ShouldSatisfyAllConditions(none => none.Events.ShouldBeEmpty(), none => none.Next.ShouldBeNull());
    }

    [Fact]
    public async Task Both_databases_walk_the_index_of_times_and_no_more_of_it_than_a_page_may_look_at()
    {
        const int many = 30_000;
        await _trail.Database.WriteAsync(new Change(TestDatabase.IsPostgres
            ? $"INSERT INTO audit_events (job, id, tenant, actor, action, data) SELECT gen_random_uuid(), 1000 * n, 'default', 'app', 'delivered', 1 FROM generate_series(1, {many}) AS n"
            : $"WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {many}) INSERT INTO audit_events (job, id, tenant, actor, action, data) SELECT randomblob(16), 1000 * n, 'default', 'app', 'delivered', 1 FROM n"));
        if (TestDatabase.IsPostgres) await _trail.Database.WriteAsync(new Change("ANALYZE audit_events"));
        var query = new EventQuery(Auditor, new AuditFilter { Actor = "rare", MostLooked = 500, Until = DateTimeOffset.FromUnixTimeMilliseconds(20_000) }, null, JobId.New(_trail.Time.GetUtcNow()));

        var (end, plans) = await _trail.Database.ReadAsync(query.ExplainAsync);

        end.ShouldBe(19_499_000L);
        plans.Count.ShouldBe(2);
        foreach (var plan in plans)
        {
            plan.ShouldContain("audit_events_time");
            plan.ShouldNotContain("Seq Scan on audit_events");
            plan.ShouldNotContain("SCAN a\n");
        }
        if (TestDatabase.IsSqlite) plans[0].ShouldContain("COVERING INDEX audit_events_time (tenant=? AND id>? AND id<?)");
        plans[1].ShouldMatch(TestDatabase.IsPostgres ? @"Cond: \(\(tenant = [^\n]*id >= " : @"USING INDEX audit_events_time \(tenant=\? AND id>\? AND id<\?\)");
    }

    private async Task<IEnumerable<string>> FoundAsync(AuditFilter filter) => (await _trail.Desk.SearchAsync(Auditor, filter)).Events.Select(one => one.Action);

    public ValueTask DisposeAsync() => _trail.DisposeAsync();
}
