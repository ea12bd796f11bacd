using System.Text.Json.Nodes;
using Headway.AspNetCore.Errors;
using Headway.Features;
using Headway.Jobs;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>The newest response of a connection, with all that stands before it: what is not stored can be gone on from for as long as the connection lasts.</summary>
internal sealed class SocketMemory
{
    private string? _id;
    private FeatureVersion? _version;
    private IReadOnlyList<JsonNode?> _items = [];

    public bool Holds(string? id) => id is not null && id == _id;

    /// <summary>What was said until then, for a call of <paramref name="next"/>.</summary>
    public (Problem? Problem, IReadOnlyList<JsonNode?> Items) For(FeatureVersion next) =>
        _version!.Contract.Data > next.Contract.Data ? (EarlierItems.Forbidden(_id!, _version, next), []) : (null, _items);

    public void Keep(Job job, FeatureVersion version, IEnumerable<JsonNode?> items) => (_id, _version, _items) = (ResponseId.Of(job.Id), version, [.. items]);

    /// <summary>A turn that failed takes what it went on from with it.</summary>
    public void Forget(string? id)
    {
        if (Holds(id)) (_id, _version, _items) = (null, null, []);
    }
}
