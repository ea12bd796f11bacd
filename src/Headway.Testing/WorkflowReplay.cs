using System.Text.Json;
using Headway.Workflows;
using Headway.Workflows.History;
using Headway.Workflows.Running;

namespace Headway.Testing;

/// <summary>Holds the code of a workflow against the journal of a job: whether a job that began with other code would go on with this one.</summary>
public static class WorkflowReplay
{
    /// <summary>Runs the code from its top and gives it what the journal holds. Nothing that it asks for is done: no step, no child, no model.</summary>
    /// <param name="file">As <see cref="WorkflowTestJob.ExportAsync"/>, `GET /v1/jobs/{id}/journal` and `headway jobs journal` write it.</param>
    /// <param name="setup">Gives the services of its constructor; what else it says is not used. Null: it has none.</param>
    /// <param name="andAnswer">An answer that is another than the one that was kept is a mismatch, too.</param>
    /// <exception cref="WorkflowTestException">The code does not come to the same questions, or ends otherwise: with what was expected and what was found.</exception>
    public static async Task CheckAsync<TWorkflow>(string file, Action<WorkflowTestSetup>? setup = null, bool andAnswer = false) where TWorkflow : class
    {
        var journal = await ReadAsync(file).ConfigureAwait(false);
        var workflows = new WorkflowCode();
        var chosen = new WorkflowTestSetup();
        setup?.Invoke(chosen);
        try
        {
            WorkflowMapping.Add<TWorkflow>(workflows, journal.Feature, new TestServices(chosen.OwnServices, chosen.Services, new VirtualTime(chosen.Start)));
            await FlowReplay.CheckAsync(journal, workflows.Find(journal.Feature)!.Only, andAnswer).ConfigureAwait(false);
        }
        catch (JournalMismatchException mismatch)
        {
            throw new WorkflowTestException($"{typeof(TWorkflow).Name} does not fit {Path.GetFileName(file)} ({journal.Job}). {mismatch.Code}: {mismatch.Message}", mismatch);
        }
    }

    private static async Task<RecordedJournal> ReadAsync(string file)
    {
        RecordedJournal? journal;
        try
        {
            journal = JsonSerializer.Deserialize<RecordedJournal>(await File.ReadAllTextAsync(file).ConfigureAwait(false), RecordedJournal.Json);
        }
        catch (JsonException broken)
        {
            throw new WorkflowTestException($"{file} is no journal: {broken.Message}", broken);
        }
        return journal is { Format: RecordedJournal.CurrentFormat, Lines: not null, Waits: not null, Feature: not null, Job: not null } ? journal
            : throw new WorkflowTestException($"{file} is no journal of format {RecordedJournal.CurrentFormat}. Export it again with this version of Headway.");
    }
}
