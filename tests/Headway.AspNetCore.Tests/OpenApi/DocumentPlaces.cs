using System.Text.Json;

namespace Headway.AspNetCore.Tests.OpenApi;

/// <summary>What our OpenAPI document tells of the OpenAI routes, place by place, in the words of tests/openai-openapi.mjs.</summary>
internal sealed class DocumentPlaces(JsonElement document)
{
    private static readonly string[] Served = ["/chat/completions", "/embeddings", "/models", "/responses", "/files"];

    /// <summary>Below one place: a member, the items, or one of the kinds that a type or a role tells apart.</summary>
    private readonly record struct Place(IReadOnlyList<JsonElement> Schemas, bool IsKind);

    public SortedSet<string> All()
    {
        var places = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            if (Bare(path.Name) is not { } bare) continue;
            foreach (var operation in path.Value.EnumerateObject()) Add(places, $"{operation.Name.ToUpperInvariant()} {bare}", operation.Value);
        }

        return places;
    }

    /// <summary>The schema of what a route answers with, or of each event.</summary>
    public JsonElement SchemaOf(string path, string method, string mediaType, string status = "200") =>
        document.GetProperty("paths").GetProperty(path).GetProperty(method).GetProperty("responses").GetProperty(status).GetProperty("content").GetProperty(mediaType).GetProperty("schema");

    /// <summary>Where a value says something that its schema does not tell of, or leaves out what it must say.</summary>
    public IEnumerable<string> Untold(JsonElement value, JsonElement schema, string at = "")
    {
        var forms = Forms(schema).ToList();
        if (value.ValueKind is JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                var told = forms.Where(form => form.TryGetProperty("items", out _)).Select(form => Untold(item, form.GetProperty("items"), at + "[]").ToList()).MinBy(list => list.Count);
                foreach (var one in told ?? [$"{at}: a list"]) yield return one;
            }
        }
        else if (value.ValueKind is JsonValueKind.Object)
        {
            // One of its forms tells of it all, or it is told of by none.
            foreach (var one in forms.Where(IsObject).Select(form => OfForm(value, form, at).ToList()).MinBy(list => list.Count) ?? [$"{at}: an object"]) yield return one;
        }
        else if (value.ValueKind is not JsonValueKind.Null && !forms.Any(form => Fits(value, form)))
        {
            yield return $"{at}: {value.GetRawText()}";
        }
    }

    private IEnumerable<string> OfForm(JsonElement value, JsonElement form, string at)
    {
        var members = form.TryGetProperty("properties", out var told) ? told : default;
        foreach (var name in form.TryGetProperty("required", out var required) ? required.EnumerateArray() : [])
            if (!value.TryGetProperty(name.GetString()!, out _)) yield return $"{at}.{name} is missing";
        if (members.ValueKind is JsonValueKind.Undefined) yield break;
        foreach (var member in value.EnumerateObject())
        {
            if (!members.TryGetProperty(member.Name, out var schema)) yield return $"{at}.{member.Name}";
            else foreach (var one in Untold(member.Value, schema, $"{at}.{member.Name}")) yield return one;
        }
    }

    private static bool IsObject(JsonElement form) => form.TryGetProperty("properties", out _) || Types(form).Contains("object");

    private static bool Fits(JsonElement value, JsonElement form)
    {
        if (form.TryGetProperty("enum", out var words)) return words.EnumerateArray().Any(word => word.ValueEquals(value));
        return value.ValueKind switch
        {
            JsonValueKind.String => Types(form).Contains("string"),
            JsonValueKind.Number => Types(form).Contains("number") || (Types(form).Contains("integer") && value.TryGetInt64(out _)),
            _ => Types(form).Contains("boolean"),
        };
    }

    private static IReadOnlyList<string> Types(JsonElement form) => !form.TryGetProperty("type", out var type) ? []
        : type.ValueKind is JsonValueKind.Array ? [.. type.EnumerateArray().Select(one => one.GetString()!)] : [type.GetString()!];

    private static string? Bare(string path)
    {
        if (!path.StartsWith("/v1/", StringComparison.Ordinal)) return null;
        var bare = System.Text.RegularExpressions.Regex.Replace(path["/v1".Length..], @"\{[^}]*\}", "{}");
        return Served.Any(served => bare == served || bare.StartsWith(served + "/", StringComparison.Ordinal)) ? bare : null;
    }

    private void Add(SortedSet<string> places, string route, JsonElement operation)
    {
        places.Add(route);
        foreach (var parameter in operation.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : [])
            if (parameter.GetProperty("in").GetString() is not "path" and var @in) places.Add($"{route} {@in} {parameter.GetProperty("name").GetString()}");
        foreach (var (kind, schema) in Bodies(operation))
        {
            places.Add($"{route} {kind}");
            Add(places, $"{route} {kind} ", "", new Place([schema], false));
        }
    }

    private static IEnumerable<(string Kind, JsonElement Schema)> Bodies(JsonElement operation)
    {
        if (operation.TryGetProperty("requestBody", out var body))
            yield return ("request", body.GetProperty("content").EnumerateObject().First().Value.GetProperty("schema"));
        foreach (var answer in operation.GetProperty("responses").EnumerateObject().Where(answer => answer.Name.StartsWith('2') && answer.Value.TryGetProperty("content", out _)))
        {
            foreach (var (mediaType, kind) in new[] { ("application/json", "response"), ("text/event-stream", "event") })
                if (answer.Value.GetProperty("content").TryGetProperty(mediaType, out var content) && content.TryGetProperty("schema", out var schema)) yield return (kind, schema);
        }
    }

    private void Add(SortedSet<string> places, string route, string path, Place place)
    {
        foreach (var (key, below) in Below(place))
        {
            places.Add(route + (path + key).TrimStart('.'));
            Add(places, route, path + key, below);
        }
    }

    private Dictionary<string, Place> Below(Place place)
    {
        var found = new Dictionary<string, Place>();
        void Put(string key, JsonElement schema, bool isKind = false) => found[key] = new Place([.. found.TryGetValue(key, out var known) ? known.Schemas : [], schema], isKind);
        foreach (var form in place.Schemas.SelectMany(Forms))
        {
            var members = form.TryGetProperty("properties", out var told) ? told.EnumerateObject().ToList() : [];
            var kinds = place.IsKind ? [] : Kinds(form);
            foreach (var kind in kinds) Put($"<{kind}>", form, isKind: true);
            foreach (var member in kinds.Count == 0 ? members : []) Put($".{member.Name}", member.Value);
            if (form.TryGetProperty("items", out var items)) Put("[]", items);
        }

        return found;
    }

    private List<string> Kinds(JsonElement form)
    {
        if (!form.TryGetProperty("properties", out var members)) return [];
        var types = members.TryGetProperty("type", out var type) ? Words(type) : [];
        var roles = members.TryGetProperty("role", out var role) ? Words(role) : [];
        return types.Count > 0 ? types : roles.Count == 1 ? roles : [];
    }

    private List<string> Words(JsonElement schema) => [.. Forms(schema).Where(form => form.TryGetProperty("enum", out _)).SelectMany(form => form.GetProperty("enum").EnumerateArray()).Select(word => word.GetString()!)];

    /// <summary>The alternatives of a schema. Ours have no parts of which all must hold.</summary>
    private IEnumerable<JsonElement> Forms(JsonElement schema)
    {
        while (schema.TryGetProperty("$ref", out var reference)) schema = document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!["#/components/schemas/".Length..]);
        schema.TryGetProperty("allOf", out _).ShouldBeFalse();
        JsonElement? either = schema.TryGetProperty("oneOf", out var one) ? one : schema.TryGetProperty("anyOf", out var any) ? any : null;
        return either is { } alternatives ? alternatives.EnumerateArray().SelectMany(Forms) : [schema];
    }
}

/// <summary>Compares words of JSON.</summary>
file static class Words
{
    public static bool ValueEquals(this JsonElement word, JsonElement value) => value.ValueKind is JsonValueKind.String && word.ValueEquals(value.GetString());
}
