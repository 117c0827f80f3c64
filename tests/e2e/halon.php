<?php
namespace halon; // where the recipe finds these before PHP's own
// Runs the recipe for Halon, whose language has the syntax of PHP where the recipe uses it, with stand-ins for what Halon
// has itself. Arguments: the recipe, where Waxwing listens, domains. For each domain the answer, one line of JSON.

function http($url, $options, $get)
{
    global $argv;
    assert(is_int($options["timeout"]) && array_keys($options) == ["timeout"]);
    $url = str_replace("http://127.0.0.1:8463", $argv[2], $url);
    foreach ($get as $i => $value)
        $url = str_replace('$' . ($i + 1), rawurlencode($value), $url);
    $content = @file_get_contents($url);
    return $content === false ? null : $content;
}

function json_decode($text)
{
    return \json_decode($text, true);
}

eval("namespace halon;" . file_get_contents($argv[1]));
foreach (array_slice($argv, 3) as $domain)
    echo json_encode(waxwing($domain)), "\n";
