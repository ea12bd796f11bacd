namespace Headway.Handlers;

/// <summary>Stands where this node has no handler: a job of another host's feature is retried, not lost, until a node comes that can do it.</summary>
internal sealed class MissingHandler(string code, string sentence) : Handler
{
    public override Task<Outcome> RunAsync(Attempt attempt, CancellationToken stop) => Task.FromResult<Outcome>(new Outcome.Failed(new Failure
    {
        Code = code,
        Kind = FailureKind.Unavailable,
        Message = sentence,
        Fingerprint = Failure.Print(code, attempt.Feature.FullName),
    }));
}
