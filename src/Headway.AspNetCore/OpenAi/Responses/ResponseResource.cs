using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Jobs;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>A response as it is shown: every field of it, always.</summary>
/// <remarks>Source: openresponses.org, ResponseResource.</remarks>
internal static class ResponseResource
{
    private const string Filtered = "model-content-filter";

    public static string StatusOf(Job job, ResponseAnswer answer) => job.State switch
    {
        JobState.Succeeded => answer.Incomplete is null ? "completed" : "incomplete",
        // The engine keeps no answer that a filter cut: what was shown of it is all there is.
        JobState.Failed or JobState.Dead => job.Error?.Code == Filtered ? "incomplete" : "failed",
        JobState.Cancelled => "cancelled",
        JobState.Running or JobState.Waiting => "in_progress",
        // Between two attempts it is still under way.
        _ => job.Attempt > 0 ? "in_progress" : "queued",
    };

    /// <summary>Its caller comes back for it.</summary>
    public static bool IsBackground(Job job) => job.Mode is Mode.Async or Mode.Hybrid;

    public static JsonObject Of(ResponseRequest request, Job job, ResponseAnswer answer, string? status = null)
    {
        status ??= StatusOf(job, answer);
        var body = request.Body;
        return new JsonObject
        {
            ["id"] = ResponseId.Of(job.Id),
            ["object"] = "response",
            ["created_at"] = job.Created.ToUnixTimeSeconds(),
            ["completed_at"] = status == "completed" ? job.Finished?.ToUnixTimeSeconds() : null,
            ["status"] = status,
            ["background"] = IsBackground(job),
            ["error"] = status == "failed" && job.Error is { } error ? new JsonObject { ["code"] = OpenAiError.CodeOf(error.Code), ["message"] = error.Message } : null,
            ["incomplete_details"] = status == "incomplete" ? new JsonObject { ["reason"] = answer.Incomplete ?? "content_filter" } : null,
            ["instructions"] = body["instructions"].Text(),
            ["max_output_tokens"] = body["max_output_tokens"].Whole(),
            ["max_tool_calls"] = body["max_tool_calls"].Whole(),
            ["model"] = request.Model,
            ["output"] = answer.Output.DeepClone(),
            ["parallel_tool_calls"] = body["parallel_tool_calls"].Flag() ?? true,
            ["previous_response_id"] = request.Previous,
            ["prompt_cache_key"] = body["prompt_cache_key"].Text(),
            ["reasoning"] = new JsonObject { ["effort"] = body["reasoning"].Of("effort")?.DeepClone(), ["summary"] = body["reasoning"].Of("summary")?.DeepClone() },
            ["safety_identifier"] = body["safety_identifier"].Text(),
            ["service_tier"] = answer.Tier ?? body["service_tier"].Text() ?? "default",
            ["store"] = request.Store,
            ["temperature"] = body["temperature"].Number() ?? 1.0,
            ["text"] = TextOf(body["text"]),
            ["tool_choice"] = body["tool_choice"]?.DeepClone() ?? "auto",
            ["tools"] = new JsonArray([.. (body["tools"] as JsonArray ?? []).Select(ToolOf)]),
            ["top_logprobs"] = body["top_logprobs"].Whole() ?? 0,
            ["top_p"] = body["top_p"].Number() ?? 1.0,
            ["presence_penalty"] = body["presence_penalty"].Number() ?? 0.0,
            ["frequency_penalty"] = body["frequency_penalty"].Number() ?? 0.0,
            ["truncation"] = request.MayShorten ? "auto" : "disabled",
            ["usage"] = status is "completed" or "incomplete" ? UsageOf(job, answer.Usage) : null,
            ["user"] = body["user"].Text(),
            ["metadata"] = body["metadata"]?.DeepClone() ?? new JsonObject(),
        };
    }

    private static JsonObject TextOf(JsonNode? text)
    {
        var format = text.Of("format");
        var shown = new JsonObject
        {
            ["format"] = format.Of("type").Text() switch
            {
                "json_schema" => new JsonObject
                {
                    ["type"] = "json_schema",
                    ["name"] = format.Of("name").Text(),
                    ["description"] = format.Of("description").Text(),
                    ["schema"] = format.Of("schema")?.DeepClone(),
                    ["strict"] = format.Of("strict").Flag() ?? false,
                },
                var type => new JsonObject { ["type"] = type ?? "text" },
            },
        };
        shown["verbosity"] = text.Of("verbosity").Text() ?? "medium";
        return shown;
    }

    private static JsonNode ToolOf(JsonNode? tool) => new JsonObject
    {
        ["type"] = "function",
        ["name"] = tool.Of("name").Text(),
        ["description"] = tool.Of("description").Text(),
        ["parameters"] = tool.Of("parameters")?.DeepClone(),
        ["strict"] = tool.Of("strict").Flag(),
    };

    public static JsonObject UsageOf(Job job, JsonNode? said)
    {
        var (input, output) = (said.Of("prompt_tokens").Whole() ?? job.Usage.InputTokens, said.Of("completion_tokens").Whole() ?? job.Usage.OutputTokens);
        return new JsonObject
        {
            ["input_tokens"] = input,
            ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = said.Of("prompt_tokens_details").Of("cached_tokens").Whole() ?? 0 },
            ["output_tokens"] = output,
            ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = said.Of("completion_tokens_details").Of("reasoning_tokens").Whole() ?? 0 },
            ["total_tokens"] = input + output,
        };
    }
}
