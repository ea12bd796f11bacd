using System.Text;
using System.Text.Json;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.OpenAi.Files;

/// <summary>Forms of `POST /v1/files`, and what comes back.</summary>
internal static class FileForms
{
    public const string Lines = """{"custom_id":"a"}""" + "\n" + """{"custom_id":"b"}""" + "\n";

    /// <summary>Files need no feature; a feature file needs one.</summary>
    public const string Features = "features:\n  echo: { contract: { mode: sync, caller: waits }, handler: { http: 'http://127.0.0.1:1/' } }\n";

    public static MultipartFormDataContent Form(string? purpose = "user_data", string name = "lines.jsonl", string? mediaType = "application/jsonl", string text = Lines, params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent();
        if (purpose is not null) form.Add(new StringContent(purpose), "purpose");
        foreach (var (field, value) in fields) form.Add(new StringContent(value), $"\"{field}\"");
        form.Add(Content(Encoding.UTF8.GetBytes(text), mediaType), "file", name);
        return form;
    }

    public static Task<HttpResponseMessage> UploadAsync(this HttpClient http, HttpContent form) => http.PostAsync("/v1/files", form);

    public static async Task<JsonElement> UploadedAsync(this HttpClient http, HttpContent form)
    {
        using var answer = await http.UploadAsync(form);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return await answer.JsonAsync();
    }

    public static async Task<JsonElement> GetAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return await answer.JsonAsync();
    }

    /// <summary>Checks that the answer is an error in OpenAI's form, with all four members, that says this.</summary>
    public static async Task ShouldBeErrorAsync(this HttpResponseMessage answer, int status, string code, string? param, string says = "")
    {
        var body = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(status, body);
        var error = JsonElement.Parse(body).GetProperty("error");
        error.EnumerateObject().Select(member => member.Name).ShouldBe(["message", "type", "param", "code"]);
        error.GetProperty("code").GetString().ShouldBe(code, body);
        error.GetProperty("param").GetString().ShouldBe(param, body);
        error.GetProperty("message").GetString()!.ShouldContain(says);
        answer.Header("x-should-retry").ShouldBe("false");
    }
}
