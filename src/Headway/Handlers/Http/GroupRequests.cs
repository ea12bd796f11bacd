using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Headway.Handlers.Http;

/// <summary>
/// Makes the request of a group: `{"instances":[…],"jobs":[…]}`. `instances` is what TensorFlow Serving, KServe (V1), Vertex AI and MLflow take, so that their services need no change;
/// `jobs` says what headers say of a single call, in the same order. Headers would not do: of a large group they are longer than servers take.
/// </summary>
internal static class GroupRequests
{
    /// <summary>So much is reserved for what is said of each job.</summary>
    private const int AboutJob = 256;

    /// <summary>A header that the feature file declares is there already, and stays.</summary>
    public static void Fill(HttpRequestMessage request, IReadOnlyList<GroupMember> members)
    {
        var first = members[0].Attempt;
        Add("Accept", "application/json");
        Add("Headway-Group", members.Count.ToString(CultureInfo.InvariantCulture));
        Add("Headway-Feature", first.Feature.FullName);
        Add("Headway-Tenant", first.Tenant);
        Add("Headway-Deadline", HttpRequests.Written(members.Max(member => HttpRequests.DeadlineOf(member.Attempt))));
        // A group has as many traces as members; only one of its own can be carried on as usual.
        if (members.Count == 1) Add("traceparent", first.TraceParent);
        request.Content = HttpRequests.Json(Body(members));

        void Add(string name, string? value)
        {
            if (!request.Headers.Contains(name)) HttpRequests.Add(request.Headers, name, value);
        }
    }

    private static ReadOnlyMemory<byte> Body(IReadOnlyList<GroupMember> members)
    {
        var body = new ArrayBufferWriter<byte>(members.Sum(member => member.Bytes + AboutJob));
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteStartArray("instances");
        // Inputs were parsed when they were accepted; a second look would cost as much again.
        foreach (var member in members) json.WriteRawValue(member.Attempt.Input.Json.Span, skipInputValidation: true);
        json.WriteEndArray();
        json.WriteStartArray("jobs");
        foreach (var member in members) Write(json, member.Attempt);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, Attempt attempt)
    {
        json.WriteStartObject();
        json.WriteString("id", attempt.Key);
        json.WriteNumber("attempt", attempt.Number);
        if (attempt.Subject is { } subject) json.WriteString("subject", subject);
        json.WriteString("deadline", HttpRequests.Written(HttpRequests.DeadlineOf(attempt)));
        if (attempt.TraceParent is { } trace) json.WriteString("traceparent", trace);
        json.WriteEndObject();
    }
}
