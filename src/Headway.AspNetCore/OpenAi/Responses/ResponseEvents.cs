using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Running;
using Headway.Models.Providers.OpenAi;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>One event of a response: its type, and its data with the number that it always has.</summary>
/// <param name="Number">Null: what stands at the end of every stream.</param>
internal readonly record struct ResponseEvent(int? Number, string Type, ReadOnlyMemory<byte> Data)
{
    public static readonly ResponseEvent Done = new(null, "", Completion.Done);
}

/// <summary>The events of a response, made from the pieces of its job in their order. The same pieces make the same events, whenever they are read.</summary>
internal sealed class ResponseEvents
{
    // Around a piece that is JSON, as the log keeps it.
    private const int Opening = 9, Closing = 1;

    private readonly ResponseRequest _request;
    private readonly bool _signed;
    private readonly EventNumbers _numbers = new();
    private StreamedOutput _output;
    private JsonNode? _usage;
    private string? _tier;
    private string? _finish;

    /// <param name="signed">With the thoughts that only their model can read; null: if they were asked for.</param>
    public ResponseEvents(ResponseRequest request, JobId job, bool? signed = null)
    {
        _request = request;
        _signed = signed ?? request.Includes(RequestRules.Encrypted);
        _output = new StreamedOutput(job, 1, 0, _numbers, _signed);
    }

    /// <summary>In the background it is shown as queued first, whether it still is or not: numbers must not depend on when somebody looks.</summary>
    public IReadOnlyList<ResponseEvent> Begin(Job job) => ResponseResource.IsBackground(job)
        ? [Shown("response.created", job, ResponseAnswer.None, "queued"), Shown("response.queued", job, ResponseAnswer.None, "queued")]
        : [Shown("response.created", job, ResponseAnswer.None, "in_progress")];

    /// <summary>Once, before anything of the output or the end.</summary>
    public ResponseEvent Start(Job job) => Shown("response.in_progress", job, ResponseAnswer.None, "in_progress");

    /// <summary>What an event of the job adds.</summary>
    /// <param name="job">As it is by then.</param>
    public IEnumerable<ResponseEvent> Take(FeatureVersion version, JobEvent shown, Job job)
    {
        var byWire = version.Handler is ModelHandlerDefinition;
        switch (shown.Kind)
        {
            case "restart":
                return Restart(AttemptOf(shown.Data));
            case "delta" when OutputJson.IsBeside(shown.Data):
                return [];
            case "delta":
                return byWire ? Chunk(shown.Data[Opening..^Closing]) : Text(TextOf(shown.Data, wrapped: true));
            case "result":
                AnsweredBy(job.Attempt);
                return byWire ? Chunk(WireAssembly.ChunkOf(shown.Data)) : Text(TextOf(shown.Data, wrapped: false));
            case "end":
                return End(job);
            default:
                return [];
        }
    }

    /// <summary>The answer that the pieces of a job made, in their order.</summary>
    public static ResponseAnswer AnswerOf(ResponseRequest request, FeatureVersion version, Job job, IReadOnlyList<JobEvent> pieces, bool? signed)
    {
        var events = new ResponseEvents(request, job.Id, signed);
        foreach (var piece in pieces)
            foreach (var _ in events.Take(version, piece, job))
            {
                // They are made as they are asked for.
            }

        return events.Close(job);
    }

    /// <summary>Of a model: a chunk of its chat completion.</summary>
    public IEnumerable<ResponseEvent> Chunk(ReadOnlyMemory<byte> json)
    {
        if (JsonNode.Parse(json.Span) is not JsonObject chunk) yield break;
        if (chunk["usage"] is JsonObject usage) _usage = usage.DeepClone();
        _tier = chunk["service_tier"].Text() ?? _tier;
        if (chunk["choices"] is not JsonArray { Count: > 0 } choices) yield break;
        var choice = choices.FirstOrDefault(one => one.Of("index").Whole() is null or 0);
        _finish = choice.Of("finish_reason").Text() is { Length: > 0 } finish ? finish : _finish;
        foreach (var shown in _output.Add(choice)) yield return shown;
    }

    /// <summary>Of a feature: a piece of its result.</summary>
    public IEnumerable<ResponseEvent> Text(string piece) => _output.Say(piece);

    /// <summary>What an attempt showed before it broke is closed as incomplete and no part of the response; the next one begins behind it.</summary>
    private List<ResponseEvent> Restart(int attempt)
    {
        var closed = _output.Close("incomplete").ToList();
        _output = new StreamedOutput(_output.Job, attempt, _output.Next, _numbers, _signed);
        (_usage, _tier, _finish) = (null, null, null);
        return closed;
    }

    /// <summary>Which attempt it is that answers, where nothing of it was shown yet.</summary>
    public void AnsweredBy(int attempt)
    {
        if (_output.Next == 0) _output = new StreamedOutput(_output.Job, attempt, _output.Next, _numbers, _signed);
    }

    /// <summary>What comes now has not been seen, though events up to that number were.</summary>
    public void GoOnBehind(long number) => _numbers.GoOnBehind(number);

    /// <param name="job">The job, finished.</param>
    public IEnumerable<ResponseEvent> End(Job job)
    {
        foreach (var shown in _output.Close(StatusOfLast(job))) yield return shown;
        var answer = Answer(job);
        var status = ResponseResource.StatusOf(job, answer);
        // There is no event for one that was cancelled: it is told as one that failed, with its own status.
        yield return Shown(status is "completed" or "incomplete" ? $"response.{status}" : "response.failed", job, answer, status);
    }

    private ResponseAnswer Close(Job job)
    {
        _output.Close(StatusOfLast(job));
        return Answer(job);
    }

    private string StatusOfLast(Job job) => job.State is JobState.Succeeded && ResponseAnswer.ReasonOf(_finish) is null ? "completed" : "incomplete";

    private ResponseAnswer Answer(Job job) => job.State is JobState.Succeeded
        ? new ResponseAnswer(_output.Items) { Incomplete = ResponseAnswer.ReasonOf(_finish), Usage = _usage, Tier = _tier }
        : ResponseAnswer.None;

    private static int AttemptOf(ReadOnlyMemory<byte> data)
    {
        using var parsed = JsonDocument.Parse(data);
        return parsed.RootElement.GetProperty("attempt").GetInt32();
    }

    private static string TextOf(ReadOnlyMemory<byte> data, bool wrapped)
    {
        using var parsed = JsonDocument.Parse(data);
        var said = parsed.RootElement;
        if (wrapped) said = said.TryGetProperty("text", out var text) ? text : said.GetProperty("value");
        return said.ValueKind is JsonValueKind.String ? said.GetString()! : said.GetRawText();
    }

    private ResponseEvent Shown(string type, Job job, ResponseAnswer answer, string status) =>
        _numbers.Make(type, new JsonObject { ["response"] = ResponseResource.Of(_request, job, answer, status) });
}

/// <summary>Counts the events of one response, from 0.</summary>
internal sealed class EventNumbers
{
    private int _next;

    public void GoOnBehind(long number) => _next = (int)Math.Clamp(number + 1, _next, int.MaxValue / 2);

    public ResponseEvent Make(string type, JsonObject members)
    {
        members.Insert(0, "type", type);
        members.Insert(1, "sequence_number", _next);
        return new ResponseEvent(_next++, type, members.Bytes());
    }
}
