using System.Text.Json.Nodes;
using Headway.Models;

namespace Headway.Handlers.Prompt;

/// <summary>Leaves out the start of a conversation that is longer than its model takes, for a caller who asks for that (`truncation: auto`).</summary>
/// <remarks>
/// What instructs the model always stays, and so do the last turn of the user and what is to be answered. Calls of tools go with their results, and what
/// the assistant said goes with what it was said to, so that what is left is a conversation that every provider takes.
/// </remarks>
internal sealed class Shortening
{
    /// <summary>Each leaves out half of what may be left out; after the last nothing is left that may.</summary>
    public const int MostRefusals = 4;

    private readonly JsonObject _chat;
    private readonly JsonArray _turns;

    // Oldest first; what must stay is not among them.
    private readonly List<Exchange> _exchanges;

    private Shortening(JsonObject chat, JsonArray turns) => (_chat, _turns, _exchanges) = (chat, turns, ExchangesOf(turns));

    /// <summary>Null: there is no conversation in it.</summary>
    public static Shortening? Of(JsonObject chat) => chat["messages"] is JsonArray turns ? new Shortening(chat, turns) : null;

    /// <summary>Until the input is thought to be no longer than this, or nothing more may be left out.</summary>
    public void FitInto(long tokens)
    {
        var (excess, count) = ((Prices.InputTokens(_chat) - tokens) * Prices.BytesPerToken, 0);
        for (var bytes = 0L; count < _exchanges.Count && bytes < excess; count++) bytes += _exchanges[count].Bytes;
        Drop(count);
    }

    /// <summary>For a model that found it too long, the older half of what may be left out. False: there is nothing.</summary>
    /// <param name="all">Of the last try: all of it.</param>
    public bool Halve(bool all)
    {
        if (_exchanges.Count == 0) return false;
        var half = all ? long.MaxValue : _exchanges.Sum(exchange => exchange.Bytes) / 2;
        var count = 0;
        for (var bytes = 0L; count < _exchanges.Count && (count == 0 || bytes < half); count++) bytes += _exchanges[count].Bytes;
        Drop(count);
        return true;
    }

    private void Drop(int count)
    {
        foreach (var turn in _exchanges.Take(count).SelectMany(exchange => exchange.Turns)) _turns.Remove(turn);
        _exchanges.RemoveRange(0, count);
    }

    private static List<Exchange> ExchangesOf(JsonArray turns)
    {
        var asked = turns.Count - 1;
        while (asked >= 0 && RoleOf(turns[asked]) != "user") asked--;
        var exchanges = new List<Exchange>();
        var (current, begun) = (new Exchange(), false);
        for (var i = 0; i < turns.Count; i++)
        {
            var role = RoleOf(turns[i]);
            if (role is "system" or "developer" || i == asked) continue;
            // Behind the last turn of the user each call begins anew with its results: there may be many of them, and the newest are what is to be answered.
            if (begun && (role == "user" || (i > asked && role != "tool")))
            {
                exchanges.Add(current);
                current = new Exchange();
            }

            begun = true;
            current.Add(turns[i]);
        }

        // The newest of them is what is to be answered, if nothing of the user stands behind it.
        if (begun && asked != turns.Count - 1) begun = false;
        if (begun) exchanges.Add(current);
        return exchanges;
    }

    private static string? RoleOf(JsonNode? turn) => turn is JsonObject said && said["role"] is JsonValue value && value.TryGetValue<string>(out var role) ? role : null;

    /// <summary>A turn of the user with all that came of it; or, behind the last one, a call with its results.</summary>
    private sealed class Exchange
    {
        public List<JsonNode?> Turns { get; } = [];
        public long Bytes { get; private set; }

        public void Add(JsonNode? turn)
        {
            Turns.Add(turn);
            Bytes += Prices.BytesOfTurn(turn);
        }
    }
}
