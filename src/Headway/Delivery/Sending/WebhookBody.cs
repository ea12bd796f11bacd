using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Headway.Delivery.Storage;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Payloads;

namespace Headway.Delivery.Sending;

/// <summary>Writes what is posted: which job ended how, and where its data may go to the receiver the result, too.</summary>
/// <remarks>
/// It is written anew for each try, from the record as it is then: nothing of a payload is kept twice. What the record does not hold any more, because it was
/// erased, has expired or was replayed meanwhile, is left out, and `omitted` says why.
/// </remarks>
internal sealed class WebhookBody(Vault vault, JobReader jobs, Results results, Uri? publicUrl)
{
    /// <summary>Receivers take about this much without being told to; what is larger is fetched.</summary>
    public const int LargestResult = 64 * 1024;

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] OfTest(ClaimedDelivery test) => Write(test, json => json.WriteString("endpoint", test.Endpoint));

    /// <param name="said">JSON.</param>
    public static byte[] OfAlert(ClaimedDelivery alert, string said)
    {
        using var data = JsonDocument.Parse(said);
        return Write(alert, json =>
        {
            foreach (var member in data.RootElement.EnumerateObject()) member.WriteTo(json);
        });
    }

    /// <summary>Null: there is no such job any more.</summary>
    public async ValueTask<Told?> OfJobAsync(ClaimedDelivery delivery, EndpointDefinition endpoint)
    {
        if (delivery.Job is not { } id || jobs.Row(delivery.Tenant, id) is not { } row) return null;
        await vault.ReadyAsync(delivery.Tenant).ConfigureAwait(false);
        var data = jobs.DataOf(row);
        var state = delivery.Event["job.".Length..];
        var (full, omitted, result) = (false, (string?)null, (Result?)null);
        if (!endpoint.AllowedData.Contains(data)) omitted = "data";
        else if (Words.Of(row.State) != state) omitted = "changed";
        else (full, (result, omitted)) = (true, row.State is JobState.Succeeded ? ResultOf(row) : (null, null));
        var job = full ? jobs.JobOf(row, detailed: false) : null;
        var body = Write(delivery, json =>
        {
            json.WriteString("id", id.ToString());
            json.WriteString("feature", row.Feature);
            json.WriteNumber("version", row.Version);
            json.WriteString("state", state);
            if (job is not null) WriteDetails(json, job);
            if (result is not null) WriteResult(json, result);
            if (omitted is not null) json.WriteString("omitted", omitted);
            WriteLinks(json, id);
        });
        return new Told(body, row, data, result);
    }

    private (Result? Result, string? Omitted) ResultOf(JobRow row)
    {
        if (results.Open(row) is not { } result) return (null, "expired");
        if (result.Body.Length > LargestResult) return (null, "size");
        return result.IsJson || result.MediaType.StartsWith("text/", StringComparison.Ordinal) ? (result, null) : (null, "media-type");
    }

    private static byte[] Write(ClaimedDelivery delivery, Action<Utf8JsonWriter> data)
    {
        var body = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(body, Writing);
        json.WriteStartObject();
        json.WriteString("type", delivery.Event);
        json.WriteString("timestamp", DateTimeOffset.FromUnixTimeMilliseconds(delivery.Created));
        json.WriteStartObject("data");
        data(json);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return body.WrittenSpan.ToArray();
    }

    private static void WriteDetails(Utf8JsonWriter json, Job job)
    {
        json.WriteString("created", job.Created);
        if (job.Finished is { } finished) json.WriteString("finished", finished);
        if (job.Subject is { } subject) json.WriteString("subject", subject);
        if (job.Metadata is { } metadata)
        {
            json.WritePropertyName("metadata");
            json.WriteRawValue(metadata);
        }
        if (job.Error is not { } error) return;
        json.WriteStartObject("error");
        json.WriteString("code", error.Code);
        json.WriteString("message", error.Message);
        json.WriteBoolean("retryable", error.Retryable);
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, Result result)
    {
        json.WritePropertyName("result");
        if (result.IsJson) json.WriteRawValue(result.Body.Span);
        else json.WriteStringValue(result.Body.Span);
    }

    private void WriteLinks(Utf8JsonWriter json, JobId job)
    {
        var self = $"{publicUrl?.GetLeftPart(UriPartial.Authority)}/v1/jobs/{job}";
        json.WriteStartObject("links");
        json.WriteString("self", self);
        json.WriteString("result", $"{self}/result");
        json.WriteEndObject();
    }

}

/// <summary>What one try is to say.</summary>
/// <param name="Handed">The result, if the receiver is given it.</param>
internal sealed record Told(byte[] Body, JobRow Row, DataClass Data, Result? Handed);
