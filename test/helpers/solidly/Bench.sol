// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

interface IPair {
    function token0() external view returns (address);
    function token1() external view returns (address);
    function reserve0() external view returns (uint256);
    function reserve1() external view returns (uint256);
    function getAmountOut(uint256 amountIn, address tokenIn) external view returns (uint256);
    function swap(uint256 amount0Out, uint256 amount1Out, address to, bytes calldata data) external;
}

/// @notice A token of any decimals that everybody may mint.
contract BenchToken is ERC20 {
    uint8 private immutable _decimals;

    constructor(uint8 decimals_) ERC20("Bench", "B") {
        _decimals = decimals_;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @notice Asks a pair what it would do with swaps, and leaves no trace.
contract Bench {
    struct Asked {
        bool zeroForOne;
        uint256 amountIn;
        uint256 amountOut;
    }

    struct Answer {
        bool ok;
        uint256 reserve0;
        uint256 reserve1;
        /// What the pair's own view says for the input; 0 where it reverts.
        uint256 quoted;
        uint256 gasUsed;
    }

    error Done(uint256 reserve0, uint256 reserve1, uint256 gasUsed);

    function tryAll(IPair pair, Asked[] calldata asked) external returns (Answer[] memory answers) {
        answers = new Answer[](asked.length);
        for (uint256 i = 0; i < asked.length; i++) {
            address tokenIn = asked[i].zeroForOne ? pair.token0() : pair.token1();
            try pair.getAmountOut(asked[i].amountIn, tokenIn) returns (uint256 quoted) {
                answers[i].quoted = quoted;
            } catch {}
            try this.run(pair, tokenIn, asked[i]) {} catch (bytes memory reason) {
                if (bytes4(reason) != Done.selector) continue;
                answers[i].ok = true;
                assembly {
                    let answer := mload(add(add(answers, 32), mul(i, 32)))
                    mstore(add(answer, 32), mload(add(reason, 36)))
                    mstore(add(answer, 64), mload(add(reason, 68)))
                    mstore(add(answer, 128), mload(add(reason, 100)))
                }
            }
        }
    }

    function run(IPair pair, address tokenIn, Asked calldata asked) external {
        BenchToken(tokenIn).mint(address(this), asked.amountIn + 1);
        uint256 before = gasleft();
        BenchToken(tokenIn).transfer(address(pair), asked.amountIn);
        (uint256 out0, uint256 out1) = asked.zeroForOne ? (uint256(0), asked.amountOut) : (asked.amountOut, uint256(0));
        pair.swap(out0, out1, address(this), "");
        revert Done(pair.reserve0(), pair.reserve1(), before - gasleft());
    }
}
