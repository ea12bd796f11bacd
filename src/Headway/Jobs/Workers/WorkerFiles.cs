using Headway.Jobs.Storage;

namespace Headway.Jobs.Workers;

/// <summary>Gives a worker the files of an input that it is at.</summary>
internal sealed class WorkerFiles(WorkerSessions sessions, HeldWork held)
{
    public async Task<WorkerAnswer<InputFile>> FindAsync(string text, WorkerAttempt attempt, string name)
    {
        if (sessions.Read(text) is not { } session) return WorkerRefusal.SessionUnknown;
        if (await held.ReadAsync(new Fence(attempt.Job, session.Lease, attempt.Attempt)).ConfigureAwait(false) is not { } known) return WorkerRefusal.AttemptLost(attempt.Job, attempt.Attempt);
        return known.Work.Input.Files.FirstOrDefault(file => file.Name == name) is { } found
            ? found
            : new WorkerRefusal(WorkerRefusalKind.FileUnknown, $"The input of {attempt.Job} has no file of this name. `files` of the job says which there are.");
    }
}
