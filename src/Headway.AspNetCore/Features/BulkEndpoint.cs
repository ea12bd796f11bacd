using Headway.AspNetCore.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features.Headers;
using Headway.Features;
using Headway.Jobs.Accepting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Headway.AspNetCore.Features;

/// <summary>Many jobs in one request: a line each, streamed in, and a verdict for each streamed out in the same order.</summary>
internal sealed class BulkEndpoint(EngineHost host, Entrance entrance, NodeClock time)
{
    public const string MediaType = "application/x-ndjson";

    /// <summary>What a caller has not read of its verdicts is kept in memory; more lines are more requests.</summary>
    public const int MostLines = 10_000;

    private static readonly Problem TooMany = new(ProblemKind.LinesTooMany, $"A request takes {MostLines} lines at most. This line and those behind it were not read: send them in another.");

    private static readonly Problem OneKey = new(ProblemKind.UniqueForbidden, "A key that is held is one job's: say `unique` or `debounce` in the lines, not in a header of all.");

    public Task SubmitAsync(HttpContext context)
    {
        var file = host.Engine.Features;
        if (FeatureLookup.Find(file, (string)context.Request.RouteValues["name"]!, out var version) is { } problem) return ProblemResponse.WriteAsync(context, problem);
        if (KeyScope.Judge(Callers.Of(context), version!.Feature) is { } forbidden) return ProblemResponse.WriteAsync(context, entrance.Deny(context, forbidden));
        if (version.Contract.Mode is not (Mode.Async or Mode.Hybrid))
        {
            return RefuseAsync(context, version, new Problem(ProblemKind.BulkForbidden,
                $"{version.FullName} is {Words.Of(version.Contract.Mode)}: its caller waits for the answer. Call it once for each input, or submit to an async or hybrid feature."));
        }

        if (!IsLines(context.Request.ContentType))
            return RefuseAsync(context, version, new Problem(ProblemKind.MediaTypeUnsupported, $"Send the lines as {MediaType}: each a JSON object, ended by a line feed."));
        if (CallHeaders.Read(context.Request.Headers, version, file, time.GetUtcNow(), out var usual) is { } broken) return RefuseAsync(context, version, broken);
        return usual.Unique is not null || usual.Debounce is not null
            ? RefuseAsync(context, version, OneKey)
            : SubmitAsync(context, version, new BulkLine(version, file, Callers.Of(context), context.Request.Headers, usual));
    }

    private async Task SubmitAsync(HttpContext context, FeatureVersion version, BulkLine reader)
    {
        // Each line has its own limit, and there is one on lines.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        context.Response.ContentType = MediaType;
        context.Response.Headers.CacheControl = "no-store";
        var lines = new BodyLines(context.Request.BodyReader, (int)Math.Min(int.MaxValue, version.MaxInput + BulkLine.OptionsBytes));
        using var verdicts = new BulkVerdicts(context.Response, context.RequestAborted);
        var whole = false;
        try
        {
            await ReadAsync(context, version, lines, reader, verdicts);
            whole = true;
        }
        catch (Exception cut) when (cut is BadHttpRequestException or IOException or OperationCanceledException)
        {
            // The body broke off: what came before is accepted, and told as far as somebody reads it.
        }
        finally
        {
            await verdicts.EndAsync(whole);
        }

        if (!whole) context.Abort();
    }

    private async Task ReadAsync(HttpContext context, FeatureVersion version, BodyLines lines, BulkLine reader, BulkVerdicts verdicts)
    {
        var (number, stop) = (0, context.RequestAborted);
        var more = true;
        while (more && await lines.NextAsync(stop) is { } first)
        {
            // What is here already goes together; nobody waits for lines that may come.
            var group = new BulkGroup();
            BodyLine? line = first;
            do
            {
                more = ++number <= MostLines;
                Take(group, version, reader, line!.Value, number);
            }
            while (more && !group.IsFull && lines.TryNext(out line));
            // Never cancelled: what has been handed over may become durable whatever the caller does.
            await verdicts.AddAsync(group, group.Calls.Count == 0 ? Task.FromResult<IReadOnlyList<Verdict>>([]) : host.Engine.SubmitAsync(group.Calls, CancellationToken.None), stop);
        }
    }

    private void Take(BulkGroup group, FeatureVersion version, BulkLine reader, BodyLine line, int number)
    {
        var now = time.GetUtcNow();
        if (number > MostLines) group.Add(number, TooMany);
        else if (line.TooLong) group.Add(number, InputBody.TooLarge(version));
        // Blank lines are counted, so that numbers are those of the sender, and are nothing else.
        else if (line.Bytes.Span.Trim(" \t\r"u8).IsEmpty) return;
        else if (reader.Read(line.Bytes, number, now, out var call) is { } problem) group.Add(number, problem);
        else group.Add(number, call!);
    }

    private Task RefuseAsync(HttpContext context, FeatureVersion version, Problem problem)
    {
        host.Engine.NoteRefusal(new RefusedCall(version, Callers.Of(context), problem.Kind.Code));
        return ProblemResponse.WriteAsync(context, problem);
    }

    private static bool IsLines(string? contentType) => MediaTypeHeaderValue.TryParse(contentType, out var type)
        && (type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase)
            || type.MediaType.Equals("application/ndjson", StringComparison.OrdinalIgnoreCase)
            || type.MediaType.Equals("application/jsonl", StringComparison.OrdinalIgnoreCase));
}
