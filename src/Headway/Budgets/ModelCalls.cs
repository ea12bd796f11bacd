using Headway.Storage;

namespace Headway.Budgets;

/// <summary>The calls of models that an attempt made, as they are kept.</summary>
/// <param name="First">How many calls of the attempt were written before these.</param>
internal readonly record struct CallsOfAttempt(int Attempt, int First, IReadOnlyList<ModelCall> Calls)
{
    public static readonly CallsOfAttempt None = new(0, 0, []);
}

/// <summary>The statements of the calls: written with the attempt's end, read for a job's history.</summary>
internal static class ModelCalls
{
    /// <summary>For what was paid, perhaps, by a node that is gone: the code of a call nobody knows the outcome of.</summary>
    public const string MaybePaid = "maybe-paid";

    private static readonly Sql Insert = Sql.At("Budgets/InsertModelCall");
    private static readonly Sql ReadAll = Sql.At("Budgets/ReadModelCalls");

    public static void Append(Session session, JobId job, CallsOfAttempt made)
    {
        for (var i = 0; i < made.Calls.Count; i++) Append(session, job, made.Attempt, made.First + i, made.Calls[i]);
    }

    public static void Append(Session session, JobId job, int attempt, int number, ModelCall call) => session.Use(Insert)
        .Bind(1, job).Bind(2, attempt).Bind(3, number).Bind(4, call.At.ToUnixTimeMilliseconds()).Bind(5, call.Model).Bind(6, call.ProviderModel)
        .Bind(7, call.Usage.InputTokens).Bind(8, call.Usage.OutputTokens).Bind(9, Money.ToNano(call.Usage.Usd)).Bind(10, call.Usage.Estimated ? 1 : 0).Bind(11, call.ErrorCode).Bind(12, call.Step)
        .Send();

    public static async ValueTask<List<(int Attempt, ModelCall Call)>> ReadAsync(Session session, JobId job)
    {
        var calls = new List<(int, ModelCall)>();
        using var read = session.Use(ReadAll).Bind(1, job);
        while (await read.StepAsync().ConfigureAwait(false))
        {
            var usage = new Usage(read.Int64(5), read.Int64(6), Money.ToUsd(read.Int64(7))) { Estimated = read.Int64(8) == 1 };
            calls.Add((read.Int32(0), new ModelCall(read.Text(3)!, read.Text(4), read.Time(2), usage, read.Text(9)) { Step = read.Text(10) }));
        }
        return calls;
    }
}
