using System.Text;
using Headway.Handlers;
using Headway.Jobs;
using Headway.Jobs.Running;
using Headway.Jobs.Workers;

namespace Headway.Tests.Jobs.Workers;

/// <summary>A worker as a node sees it: what it sends, and what it is answered.</summary>
/// <param name="tenant">Whose jobs alone it does; null: those of all.</param>
internal sealed class PullWorker(string name = "w1", string? tenant = null)
{
    public string? Session { get; private set; }

    public async Task<IReadOnlyList<GivenJob>> ClaimAsync(Engine engine, string feature = "work", int most = 10, double wait = 0)
    {
        var answer = await AskAsync(engine, feature, most, wait);
        answer.Refusal.ShouldBeNull();
        Session = answer.Value!.Session;
        return answer.Value.Jobs;
    }

    public Task<WorkerAnswer<HandedOut>> AskAsync(Engine engine, string feature = "work", int most = 10, double wait = 0, IReadOnlyList<GivenJob>? at = null) =>
        engine.Workers.Claims.ClaimAsync(new WorkerClaim(Session, name, [feature], most, TimeSpan.FromSeconds(wait)) { Tenant = tenant, Jobs = at is null ? null : [.. at.Select(Named)] }, CancellationToken.None);

    public async Task<GivenJob> OneAsync(Engine engine, string feature = "work", double wait = 10) => (await ClaimAsync(engine, feature, 1, wait)).ShouldHaveSingleItem();

    public Task<WorkerAnswer<Renewed>> RenewAsync(Engine engine, params IReadOnlyList<GivenJob> jobs) => engine.Workers.Renewals.RenewAsync(Session!, [.. jobs.Select(Named)]);

    public Task<WorkerAnswer<long>> SayAsync(Engine engine, GivenJob job, long id, params IReadOnlyList<string> texts) =>
        engine.Workers.Output.AppendAsync(Session!, Named(job), id, [.. texts.Select(text => (ReadOnlyMemory<byte>)OutputJson.Text(text))]);

    public Task<WorkerAnswer<long>> ProgressAsync(Engine engine, GivenJob job, long id, long done) => engine.Workers.Output.ProgressAsync(Session!, Named(job), id, new Progress(done, 7, "pages"));

    public Task<WorkerAnswer<JobState>> DoneAsync(Engine engine, GivenJob job, string? json = """{"ok":true}""", WorkerFacts? facts = null) =>
        engine.Workers.Ends.CompleteAsync(Session!, Named(job), json is null ? null : new Result(Encoding.UTF8.GetBytes(json), Result.Json), facts ?? WorkerFacts.None);

    public Task<WorkerAnswer<JobState>> FailAsync(Engine engine, GivenJob job, FailureKind kind = FailureKind.Unavailable, string code = "registry-down", WorkerFacts? facts = null) =>
        engine.Workers.Ends.FailAsync(Session!, Named(job), new Failure { Code = code, Message = "The registry is down.", Kind = kind }, facts ?? WorkerFacts.None);

    public Task<WorkerAnswer<int>> ReleaseAsync(Engine engine, params IReadOnlyList<GivenJob>? jobs) => engine.Workers.Renewals.ReleaseAsync(Session!, jobs is null ? null : [.. jobs.Select(Named)]);

    public static JobId IdOf(GivenJob job) => job.Held.Claimed.Fence.Job;

    public static WorkerFacts Cost(decimal usd) => new([new ModelCall("local-llm", null, DateTimeOffset.UnixEpoch, new Usage(10, 20, usd), null)], ["model local-llm"]);

    private static WorkerAttempt Named(GivenJob job) => new(job.Held.Claimed.Fence.Job, job.Held.Claimed.Fence.Attempt);
}
