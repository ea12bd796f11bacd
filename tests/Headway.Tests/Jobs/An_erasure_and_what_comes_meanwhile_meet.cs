using System.Text;
using Headway.Access;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Subjects;
using Headway.Payloads.Files;
using Headway.Storage;

namespace Headway.Tests.Jobs;

/// <summary>Two nodes on one PostgreSQL database: one erases a subject, and the other, which has its key in memory, is given something of it at the same moment.</summary>
public sealed class An_erasure_and_what_comes_meanwhile_meet : IAsyncDisposable
{
    private const string Subject = "encounter/1";

    private readonly ManyNodes _nodes = new("features: { work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code } }");
    private OneNode _erases = null!, _accepts = null!;

    private async Task StartAsync()
    {
        (_erases, _accepts) = (await _nodes.StartAsync(Code), await _nodes.StartAsync(Code));
        // From here on it has the key.
        await _accepts.EndOfAsync((await CallAsync()).ShouldBeOfType<Answer.Accepted>().Job.Id);
    }

    private static void Code(CodeHandlers code) => code.Add<Order, Order>("work", (order, _, _) => Task.FromResult(order));

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();

    [Fact]
    public async Task A_call_that_is_kept_first_is_found_by_the_erasure()
    {
        await StartAsync();
        Task<ErasureVerdict>? erasing = null;
        var endedBefore = false;
        _accepts.Fault = boundary =>
        {
            if (boundary != "AcceptJob:before-commit" || erasing is not null) return;
            // Its job is written and not on disk yet. Nobody hears of an end that does not come but by waiting for it.
            erasing = Task.Run(EraseAsync);
            endedBefore = erasing.Wait(TimeSpan.FromMilliseconds(500));
        };

        var job = (await CallAsync(later: true)).ShouldBeOfType<Answer.Accepted>().Job;

        endedBefore.ShouldBeFalse("it waits for what is being kept under the key");
        (await erasing.ShouldNotBeNull()).ShouldBe(new ErasureVerdict.Busy(1));
        (await _accepts.Engine.FindAsync(Caller.Local, job.Id))!.Subject.ShouldBe(Subject);
        (await _nodes.NumberAsync("SELECT count(*) FROM destroyed_keys")).ShouldBe(0);
    }

    [Fact]
    public async Task A_call_that_comes_later_is_refused_or_kept_under_another_key_and_never_lost()
    {
        await StartAsync();
        (await EraseAsync()).ShouldBeOfType<ErasureVerdict.Erased>();

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        Answer answer;
        do
        {
            answer = await CallAsync();
            limit.Token.ThrowIfCancellationRequested();
            if (answer is Answer.Refused refused) refused.Refusal.Code.ShouldBe("storage-unavailable");
        }
        while (answer is Answer.Refused);

        var job = await _accepts.EndOfAsync(answer.ShouldBeOfType<Answer.Accepted>().Job.Id);
        (job.State, job.Subject).ShouldBe((JobState.Succeeded, Subject));
    }

    [Fact]
    public async Task Lines_of_one_request_fare_as_one_call()
    {
        await StartAsync();
        (await EraseAsync()).ShouldBeOfType<ErasureVerdict.Erased>();

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        IReadOnlyList<Verdict> verdicts;
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            verdicts = await _accepts.Engine.SubmitAsync([_accepts.Call("work") with { Subject = Subject }, _accepts.Call("work") with { Subject = Subject }], CancellationToken.None);
        }
        while (verdicts.Any(verdict => verdict.Refusal is not null));

        foreach (var verdict in verdicts) (await _accepts.EndOfAsync(verdict.Job!.Value)).Subject.ShouldBe(Subject);
    }

    [Fact]
    public async Task A_file_whose_subject_was_erased_while_it_came_is_not_kept()
    {
        await StartAsync();
        using var content = new MemoryStream(Encoding.UTF8.GetBytes("a letter"));
        var arrived = (await _accepts.Engine.KeptFiles.TakeAsync(Caller.Local, Subject, "letter.txt", "text/plain", content, CancellationToken.None)).ShouldBeOfType<ArrivalOutcome.Arrived>().File;
        (await EraseAsync()).ShouldBeOfType<ErasureVerdict.Erased>();

        (await Should.ThrowAsync<StorageException>(() => _accepts.Engine.KeptFiles.KeepAsync(Caller.Local, arrived, FilePurpose.UserData, null))).Code.ShouldBe("storage-unavailable");

        (await _nodes.NumberAsync("SELECT count(*) FROM kept_files")).ShouldBe(0);
        (await _nodes.NumberAsync("SELECT count(*) FROM file_chunks")).ShouldBe(0);
    }

    private Task<ErasureVerdict> EraseAsync() => _erases.Engine.Oversight.Erasure.EraseAsync(Caller.Local, Subject, CancellationToken.None);

    private Task<Answer> CallAsync(bool later = false) =>
        _accepts.Engine.CallAsync(_accepts.Call("work") with { Subject = Subject, StartAt = later ? TimeProvider.System.GetUtcNow().AddHours(1) : null }, CancellationToken.None);
}
