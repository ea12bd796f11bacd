using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Routing;
using Headway.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headway.AspNetCore.Access;

/// <summary>Keys: made, listed, rotated, revoked. An admin does so for its tenant, one of all tenants for any.</summary>
internal sealed class KeyEndpoints(EngineHost host, Entrance entrance, NodeClock time)
{
    private const int LargestBody = 64 * 1024;

    private static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(30);

    private static readonly JsonSerializerOptions Strict = new(HeadwayJson.Wire.Options)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    public void Map(ApiRoutes routes) => routes
        .Several([(HttpMethods.Get, ListAsync), (HttpMethods.Post, CreateAsync)], "/v1/admin/keys", Roles.Admin)
        .Post("/v1/admin/keys/{id}/rotate", RotateAsync, Roles.Admin)
        .Post("/v1/admin/keys/{id}/revoke", RevokeAsync, Roles.Admin);

    private async Task ListAsync(HttpContext context)
    {
        var all = context.Request.Query["all"];
        if (all is not ([] or ["true"] or ["false"]))
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.FilterInvalid, "all is true or false."));
            return;
        }

        var keys = await host.Engine.Access.Keys.ListAsync(Callers.Of(context), over: all is ["true"]);
        await WriteAsync(context, StatusCodes.Status200OK, new KeyListRecord([.. keys.Select(key => Of(key))]), HeadwayJson.Wire.KeyListRecord);
    }

    private async Task CreateAsync(HttpContext context)
    {
        if (await ReadAsync<KeyWishRecord>(context) is not { } asked) return;
        var by = Callers.Of(context);
        var (wrong, wish) = KeyWishes.Read(asked, by, host.Engine.Features, time.GetUtcNow());
        if (wish is null)
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.KeyRequestInvalid, wrong!));
            return;
        }

        if (!by.Everywhere && (wish.Everywhere || wish.Tenant != by.Tenant))
        {
            await ProblemResponse.WriteAsync(context, entrance.Deny(context, new Problem(ProblemKind.TenantForbidden, $"{by.Actor} makes keys of {by.Tenant} alone. Those of other tenants, or of all, take a key of all tenants.")));
            return;
        }

        var (refusal, key, text) = await host.Engine.Access.Keys.CreateAsync(by, wish);
        await (key is null ? RefuseAsync(context, refusal, "") : WriteAsync(context, StatusCodes.Status201Created, Of(key, text), HeadwayJson.Wire.KeyRecord));
    }

    private async Task RotateAsync(HttpContext context)
    {
        var rotation = new KeyRotationRecord();
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is true && context.Request.ContentLength != 0)
        {
            if (await ReadAsync<KeyRotationRecord>(context) is not { } asked) return;
            rotation = asked;
        }

        if (!(rotation.OverlapSeconds >= 0 && rotation.OverlapSeconds <= LongestOverlap.TotalSeconds))
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.KeyRequestInvalid, "`overlapSeconds` is 0 to 2592000, which is 30 days."));
            return;
        }

        var id = IdOf(context);
        var (refusal, key, text) = await host.Engine.Access.Keys.RotateAsync(Callers.Of(context), id, TimeSpan.FromSeconds(rotation.OverlapSeconds));
        await (key is null ? RefuseAsync(context, refusal, id) : WriteAsync(context, StatusCodes.Status200OK, Of(key, text), HeadwayJson.Wire.KeyRecord));
    }

    private async Task RevokeAsync(HttpContext context)
    {
        var id = IdOf(context);
        var (refusal, key) = await host.Engine.Access.Keys.RevokeAsync(Callers.Of(context), id);
        await (key is null ? RefuseAsync(context, refusal, id) : WriteAsync(context, StatusCodes.Status200OK, Of(key), HeadwayJson.Wire.KeyRecord));
    }

    /// <summary>Null: it was answered.</summary>
    private static async Task<T?> ReadAsync<T>(HttpContext context) where T : class
    {
        var (problem, json) = await JsonBody.ReadAsync(context.Request, LargestBody, static () => new Problem(ProblemKind.InputTooLarge, "What is asked of a key has at most 64 KiB."));
        if (problem is null)
        {
            try
            {
                return JsonSerializer.Deserialize(json.Span, (JsonTypeInfo<T>)Strict.GetTypeInfo(typeof(T)))!;
            }
            catch (JsonException broken)
            {
                problem = new Problem(ProblemKind.KeyRequestInvalid, $"It does not fit at {broken.Path ?? "$"}. /openapi/v1.json tells its members.");
            }
        }

        await ProblemResponse.WriteAsync(context, problem);
        return null;
    }

    private static Task RefuseAsync(HttpContext context, KeyRefusal refusal, string id) => ProblemResponse.WriteAsync(context, new Problem(refusal switch
    {
        KeyRefusal.First => ProblemKind.KeyFirst,
        KeyRefusal.LastRuler => ProblemKind.KeyLast,
        KeyRefusal.Full => ProblemKind.KeysFull,
        KeyRefusal.Over => ProblemKind.KeyOver,
        _ => ProblemKind.KeyUnknown,
    }, KeyWishes.Why(refusal, id)));

    private static Task WriteAsync<T>(HttpContext context, int status, T record, JsonTypeInfo<T> shape)
    {
        // It may hold a key.
        context.Response.Headers.CacheControl = "no-store";
        return Json.WriteAsync(context, status, record, shape);
    }

    private static string IdOf(HttpContext context) => (string?)context.Request.RouteValues["id"] ?? "";

    /// <param name="text">Where it was just made.</param>
    public static KeyRecord Of(ApiKey key, string? text = null) => new()
    {
        Id = key.Id,
        Name = key.Name,
        Tenant = key.Tenant,
        AllTenants = key.Everywhere,
        Roles = RoleWords.Of(key.Roles),
        Features = key.Features is { } features ? [.. features.Order(StringComparer.Ordinal)] : null,
        MaxPriority = key.MostPriority,
        RequestsPerMinute = key.RequestsPerMinute,
        Created = key.Created,
        CreatedBy = key.Creator,
        Expires = key.Expires,
        Revoked = key.Revoked,
        LastUsed = key.Used,
        FormerUntil = key.FormerUntil,
        Key = text,
    };
}
