using System.Text;
using System.Text.Json;

namespace Headway.Handlers.Code;

/// <summary>The author's delegate, with the types of its input and answer closed over.</summary>
internal abstract class CodeWork
{
    public abstract Task<Outcome> RunAsync(FeatureContext context, Attempt attempt, CancellationToken stop);

    /// <summary>The declared type of an answer, so that polymorphic records keep their discriminator.</summary>
    protected static Type AnswerType(Type declared) =>
        declared.IsGenericType && declared.GetGenericTypeDefinition() == typeof(FeatureResult<>) ? declared.GetGenericArguments()[0] : declared;

    /// <summary>The end of an attempt with an answer.</summary>
    public static Outcome Done(object? answer, Type type, Attempt attempt)
    {
        var done = answer is string prose
            ? new Result(Encoding.UTF8.GetBytes(prose), Result.Prose)
            : new Result(Write(answer, type), Result.Json);
        return done.Body.Length > ResultSize.Largest ? new Outcome.Failed(ResultSize.TooLarge(attempt.Feature.FullName)) : new Outcome.Done(done);
    }

    protected static byte[] Write(object? answer, Type type) => JsonSerializer.SerializeToUtf8Bytes(answer, type, CodeJson.Options);
}

/// <summary>Code that gives one answer.</summary>
internal sealed class AnsweringWork<TIn, TOut>(Func<TIn, FeatureContext, CancellationToken, Task<TOut>> work) : CodeWork
{
    private static readonly Type Type = AnswerType(typeof(TOut));

    public override async Task<Outcome> RunAsync(FeatureContext context, Attempt attempt, CancellationToken stop)
    {
        if (CodeJson.Read<TIn>(attempt.Input.Json, out var input) is { } failure) return new Outcome.Failed(failure);

        object? answer = await work(input!, context, stop).ConfigureAwait(false);
        if (answer is FeatureResult result)
        {
            if (result.Ending is { } ending) return ending;
            answer = result.Answer;
        }
        return Done(answer, Type, attempt);
    }
}

/// <summary>Code that gives its answer in pieces: text is joined to prose, anything else becomes a JSON array.</summary>
internal sealed class StreamingWork<TIn, TOut>(Func<TIn, FeatureContext, CancellationToken, IAsyncEnumerable<TOut>> work) : CodeWork
{
    private static readonly Type Type = AnswerType(typeof(TOut));
    private static readonly bool IsProse = Type == typeof(string);

    public override async Task<Outcome> RunAsync(FeatureContext context, Attempt attempt, CancellationToken stop)
    {
        if (CodeJson.Read<TIn>(attempt.Input.Json, out var input) is { } failure) return new Outcome.Failed(failure);

        using var whole = new MemoryStream();
        if (!IsProse) whole.WriteByte((byte)'[');
        await foreach (object? item in work(input!, context, stop).WithCancellation(stop).ConfigureAwait(false))
        {
            var piece = item;
            if (item is FeatureResult result)
            {
                if (result.Ending is { } ending) return ending;
                piece = result.Answer;
            }
            await AppendAsync(whole, piece, attempt, stop).ConfigureAwait(false);
            if (whole.Length > ResultSize.Largest) return new Outcome.Failed(ResultSize.TooLarge(attempt.Feature.FullName));
        }
        if (!IsProse) whole.WriteByte((byte)']');
        return new Outcome.Done(new Result(whole.ToArray(), IsProse ? Result.Prose : Result.Json));
    }

    private static async ValueTask AppendAsync(MemoryStream whole, object? piece, Attempt attempt, CancellationToken stop)
    {
        if (IsProse)
        {
            if (piece is not string { Length: > 0 } text) return;
            whole.Write(Encoding.UTF8.GetBytes(text));
            if (attempt.Output.Wanted) await attempt.Output.DeltaAsync(text, stop).ConfigureAwait(false);
            return;
        }
        var json = Write(piece, Type);
        if (whole.Length > 1) whole.WriteByte((byte)',');
        whole.Write(json);
        if (attempt.Output.Wanted) await attempt.Output.DeltaAsync(json, stop).ConfigureAwait(false);
    }
}
