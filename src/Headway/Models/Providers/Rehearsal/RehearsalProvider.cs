using System.Text;
using Headway.Features;

namespace Headway.Models.Providers.Rehearsal;

/// <summary>Plays a model without key and network: its latency, its pace and its failures are drawn as declared, its answers are quoted from the input.</summary>
/// <remarks>The same input, attempt and seed always give the same latency, the same failure and the same answer.</remarks>
internal sealed class RehearsalProvider(TimeProvider time) : Provider
{
    /// <summary>What a rehearsed 429 asks for.</summary>
    private static readonly TimeSpan RateLimitPause = TimeSpan.FromSeconds(1);

    /// <summary>A pace slower than this is no different to those who wait, and would overflow the length of an answer.</summary>
    private const double SlowestCharacterSeconds = 3600;

    /// <inheritdoc/>
    public override string Name => "rehearsal";

    /// <inheritdoc/>
    public override async Task<ModelReply> AskAsync(ModelDefinition model, ModelRequest request, PieceSink? show, CancellationToken stop)
    {
        if (ModelKinds.Refuse(model, request) is { } refused)
            return new ModelReply.Failed(refused);
        var options = model.Rehearsal ?? new RehearsalOptions();
        var draw = RehearsalDraw.Of(model, request, options);
        if (await StartAsync(model, draw, shaped: request.Schema is not null, stop).ConfigureAwait(false) is { } fault)
            return new ModelReply.Failed(fault);

        var answer = AnswerOf(model, request, options, draw);
        if (answer is null)
            return new ModelReply.Failed(Unfillable(model));
        if (draw.Failure is RehearsalFailure.CutStream)
            answer = answer[..(answer.Length / 2)];
        var limit = Cut(answer, request.MaxTokens, out var truncated);
        var embeds = model.Kind is ModelKind.Embedding;
        var wire = request.KeepsWire && !embeds ? new RehearsalWire(time.GetUtcNow()) : null;
        // Vectors come all at once, and only what is put in is paid.
        if (!embeds && await PlayAsync(limit, options, wire is null ? show : wire.In(show), stop).ConfigureAwait(false) is var shown && shown < limit.Length)
            return new ModelReply.Stopped(Prices.Of(model, Prices.Tokens(request.Input.Length), Prices.Tokens(shown)));

        var usage = Prices.Of(model, Prices.Tokens(request.Input.Length), embeds ? 0 : Prices.Tokens(limit.Length));
        var finish = truncated ? "length" : "stop";
        if (wire is not null && show is not null && draw.Failure is not RehearsalFailure.CutStream)
            await wire.EndAsync(show, finish, usage, stop).ConfigureAwait(false);
        return draw.Failure is RehearsalFailure.CutStream
            ? new ModelReply.Failed(Faults.Cut(model, "in the middle of its answer (rehearsed)") with { Usage = usage })
            : new ModelReply.Answered(new ModelAnswer
            {
                Text = limit,
                IsJson = embeds,
                Wire = embeds && request.KeepsWire ? Encoding.UTF8.GetBytes(limit) : wire?.Whole(limit, finish, usage) ?? default,
                FinishReason = finish,
                Usage = usage,
                Model = model.Name,
                ProviderModel = "rehearsal",
            });
    }

    /// <summary>The wait for the first token, and the failures that come in its place.</summary>
    private async ValueTask<ModelFault?> StartAsync(ModelDefinition model, RehearsalDraw draw, bool shaped, CancellationToken stop)
    {
        var limit = model.Timeouts.FirstToken;
        var late = draw.Failure is RehearsalFailure.Timeout || draw.FirstToken > limit;
        await DelayAsync(late ? limit : draw.FirstToken, stop).ConfigureAwait(false);
        if (late)
            return Faults.Timeout(model, Limit.FirstToken, limit);
        return draw.Failure switch
        {
            RehearsalFailure.RateLimited => Faults.RateLimited(model, RateLimitPause, "rehearsed"),
            RehearsalFailure.Unavailable => Faults.Unavailable(model, "503 (rehearsed)", null, null),
            RehearsalFailure.InvalidOutput when !shaped => Faults.Malformed(model, "a chunk (rehearsed)"),
            RehearsalFailure.Empty => Faults.Empty(model),
            _ => null,
        };
    }

    private static string? AnswerOf(ModelDefinition model, ModelRequest request, RehearsalOptions options, RehearsalDraw draw)
    {
        if (draw.Failure is RehearsalFailure.InvalidOutput)
            return "{\"rehearsed\": \"an answer that breaks the schema\"";
        if (model.Kind is ModelKind.Embedding)
            return RehearsalEmbeddings.Of(model, request, options);
        var source = RehearsalSource.Of(request);
        return request.Schema is { } schema ? RehearsalCitations.In(RehearsalValue.For(schema, source, draw), request, source)?.ToJsonString() : RehearsalText.Of(model.Name, source, draw);
    }

    /// <summary>Shows the text at the declared pace, several words at once where the clock is coarser than the pace.</summary>
    /// <returns>How much of it, if it was stopped after it had begun.</returns>
    private async ValueTask<int> PlayAsync(string text, RehearsalOptions options, PieceSink? show, CancellationToken stop)
    {
        var perCharacter = options.TokensPerSecond > 0 ? TimeSpan.FromSeconds(Math.Min(1 / (options.TokensPerSecond * 4), SlowestCharacterSeconds)) : TimeSpan.Zero;
        if (show is null)
        {
            await DelayAsync(perCharacter * text.Length, stop).ConfigureAwait(false);
            return text.Length;
        }

        var start = time.GetTimestamp();
        for (var at = 0; at < text.Length;)
        {
            var due = perCharacter == TimeSpan.Zero ? text.Length : (int)Math.Min(text.Length, (time.GetElapsedTime(start) / perCharacter) + 1);
            var end = EndOfWord(text, Math.Max(at, due - 1));
            try
            {
                await DelayAsync((perCharacter * end) - time.GetElapsedTime(start), stop).ConfigureAwait(false);
                await show(new ModelPiece(text[at..end], default), stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested && at > 0)
            {
                return at;
            }

            at = end;
        }

        return text.Length;
    }

    private static int EndOfWord(string text, int from)
    {
        var space = text.IndexOf(' ', from);
        return space < 0 ? text.Length : space + 1;
    }

    private static string Cut(string text, int? maxTokens, out bool truncated)
    {
        truncated = maxTokens is { } most && Prices.Tokens(text.Length) > most;
        return truncated ? text[..Math.Min(text.Length, maxTokens!.Value * 4)] : text;
    }

    private Task DelayAsync(TimeSpan delay, CancellationToken stop) =>
        delay > TimeSpan.Zero ? Task.Delay(delay < Duration.LongestTimer ? delay : Duration.LongestTimer, time, stop) : stop.IsCancellationRequested ? Task.FromCanceled(stop) : Task.CompletedTask;

    private static ModelFault Unfillable(ModelDefinition model) => Faults.Of(model, "rehearsal-cannot-fill", FailureKind.Permanent,
        "is a rehearsal and cannot make a value that satisfies the output schema: give the property with the pattern or format a `default` or `examples` in the schema") with
    {
        OfInput = true,
    };
}
