using Headway.Alerts;
using Headway.Handlers.Code;
using Headway.Reconciliation;
using Headway.Tests.Delivery;
using Headway.Tests.Jobs;
using Headway.Upstream;

namespace Headway.Tests.Alerts;

/// <summary>An engine in a time that a test moves, with one receiver of alerts that is a real server.</summary>
internal sealed class AlertingNode : IAsyncDisposable
{
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// <summary>What a test notes of no job stays open only if it is of these: the duties of a node go on meanwhile and end what they look after, late deliveries among them.</summary>
    public static readonly IReadOnlyList<string> Lasting = [GapKinds.Unclosed, GapKinds.Misplaced, GapKinds.Stray, GapKinds.LostLease, GapKinds.Unsettled];

    private AlertingNode(TellingNode node, Receiver receiver, ManualTime time) => (Node, Receiver, Time) = (node, receiver, time);

    public TellingNode Node { get; }

    public Receiver Receiver { get; }

    public ManualTime Time { get; }

    public AlertBook Book => Node.Engine.Oversight.Alerts;

    /// <param name="features">The rest of the feature file; `{url}` is the receiver's address.</param>
    /// <param name="alerts">The members of `alerts` but `to`, each after a comma.</param>
    public static async Task<AlertingNode> StartAsync(string features, string alerts = "", Receiver? receiver = null)
    {
        receiver ??= await Receiver.StartAsync();
        // Duties go on by the clock of the system: what is due here is due for none of them.
        var time = new ManualTime(new DateTimeOffset(2126, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var node = await TellingNode.StartAsync(File(features, alerts, receiver), Code, time);
        return new AlertingNode(node, receiver, time);
    }

    public static string File(string features, string alerts, Receiver receiver) => $$"""
        alerts: { to: [ { webhook: "{{receiver.Url}}", secret: {{Secret}}, allowPrivate: true } ]{{alerts}} }
        {{features.Replace("{url}", receiver.Url, StringComparison.Ordinal)}}
        """;

    private static void Code(CodeHandlers code)
    {
        code.Add<Order, Order>("work", (order, _, _) => Task.FromResult(order));
        code.Add<Order, Order>("breaks", (_, _, _) => Task.FromException<Order>(new InvalidOperationException("it cannot be done")));
    }

    /// <summary>One look of the watch; what it has to tell is on its way when it returns.</summary>
    public Task LookAsync() => Node.Engine.Oversight.AlertWatch.RunOnceAsync(Time.GetUtcNow(), CancellationToken.None);

    /// <summary>A look every ten seconds. What is on its way then arrives first: this time is also the one in which posts are too late after twenty seconds.</summary>
    public async Task LookForAsync(TimeSpan time)
    {
        for (var end = Time.GetUtcNow() + time; Time.GetUtcNow() < end;)
        {
            await Until.IsSoAsync(() => !Node.Engine.Endpoints.IsAtWork);
            Time.Advance(TimeSpan.FromSeconds(10));
            await LookAsync();
        }
    }

    /// <summary>Those that are there.</summary>
    public async Task<IReadOnlyList<Alert>> ThereAsync(string? kind = null) => await Book.ListAsync([AlertState.Open, AlertState.Acknowledged], kind, null, 100);

    public async Task<Alert> OnlyAsync(string kind) => (await ThereAsync(kind)).ShouldHaveSingleItem();

    /// <summary>All is over, and is told so.</summary>
    public async Task OverAsync(string kind)
    {
        await LookForAsync(TimeSpan.FromMinutes(2));
        (await ThereAsync(kind)).ShouldBeEmpty();
        (await Book.ListAsync([AlertState.Over], kind, null, 10)).ShouldHaveSingleItem();
    }

    public Task<bool> ForceAsync(string sql) => Node.Engine.Database.WriteAsync(new Change(sql));

    public Task NoteAsync(params Gap[] gaps) => Node.Engine.Oversight.Gaps.NoteAsync(gaps);

    public async Task DieAsync(string json = "{}") => (await Node.EndOfAsync(await Node.AcceptedAsync(Node.Call("breaks", json)))).State.ShouldBe(Headway.Jobs.JobState.Dead);

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Receiver.DisposeAsync();
    }
}
