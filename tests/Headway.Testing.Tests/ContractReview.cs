using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace Headway.Testing.Tests;

/// <summary>A workflow with everything that a test host has to carry: steps, children, a model, a timer, an approval, and something to undo.</summary>
internal sealed class ContractReview(Office office) : Workflow<Contract, Review>
{
    protected override async Task<Review> RunAsync(Contract contract, WorkflowContext flow)
    {
        var clauses = await flow.Step("split", stop => Office.SplitAsync(contract.Text, stop));
        flow.OnFailure("withdraw", stop => office.NoteAsync("withdrawn", stop));
        var risks = await flow.All(clauses.Select(clause => flow.Call<int>("assess-clause", clause)));
        var summary = (await flow.Model("strong").GetResponseAsync($"Sum up {risks.Sum()}")).Text;
        await flow.Delay(TimeSpan.FromDays(1), "cool-down");
        var legal = await flow.Approval("legal", timeout: TimeSpan.FromDays(3));
        if (!legal.Granted) throw new WorkflowFailedException("contract-rejected", legal.Reason ?? "Legal said no.");
        await flow.Step("file", stop => office.NoteAsync("filed", stop));
        return new Review(risks.Sum(), summary, flow.Now, flow.NewId());
    }
}

internal sealed record Contract(string Text);

internal sealed record Review(int Risk, string Summary, DateTimeOffset Filed, Guid Number);

/// <summary>What steps do to the world.</summary>
internal sealed class Office
{
    private readonly ConcurrentQueue<string> _notes = new();

    public string[] Notes => [.. _notes];

    public static Task<string[]> SplitAsync(string text, CancellationToken stop) => Task.FromResult(text.Split(' '));

    public Task NoteAsync(string note, CancellationToken stop)
    {
        _notes.Enqueue(note);
        return Task.CompletedTask;
    }
}

internal static class Reviews
{
    public static readonly Contract Two = new("be paid");

    public static void Setup(WorkflowTestSetup setup, Office? office = null) => setup
        .Service(office ?? new Office())
        .Feature("assess-clause", (string clause) => clause.Length)
        .Model("strong", asked => $"<{asked}>");

    public static Task<WorkflowTestHost> StartAsync(Office? office = null, Action<WorkflowTestSetup>? more = null) => WorkflowTestHost.StartAsync<ContractReview>(setup =>
    {
        Setup(setup, office);
        more?.Invoke(setup);
    });
}

/// <summary>A workflow given as a delegate: what a test is about stands in it.</summary>
internal sealed class Given(Func<string, WorkflowContext, Task<string>> body) : Workflow<string, string>
{
    public static Task<WorkflowTestHost> StartAsync(Func<string, WorkflowContext, Task<string>> body, Action<WorkflowTestSetup>? more = null) => WorkflowTestHost.StartAsync<Given>(setup =>
    {
        setup.Service(body);
        more?.Invoke(setup);
    });

    protected override Task<string> RunAsync(string input, WorkflowContext flow) => body(input, flow);
}
